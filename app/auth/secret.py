"""The secret key of an installation, and the keys that are derived from it, one for each use."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from ...errors import SettingsError, StartupError
from ..process.private_files import close_file

SECRET_BYTES = 32
KEY_FILE = "secret.key"
MIN_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Keys:
    """What is derived from the secret key; none of them tells anything of another."""

    session: bytes
    viewer: bytes
    private: bytes
    ticket: bytes
    share: bytes
    encryption: bytes
    fingerprint: str

    @classmethod
    def derive(cls, secret: str) -> Keys:
        """All keys of one secret, none of which tells another."""
        return cls(
            session=_derive(secret, "session cookies"),
            viewer=_derive(secret, "viewer tokens"),
            private=_derive(secret, "private sessions"),
            ticket=_derive(secret, "session tickets"),
            share=_derive(secret, "passes of links"),
            encryption=base64.urlsafe_b64encode(_derive(secret, "secrets at rest")),
            fingerprint=_derive(secret, "fingerprint")[:8].hex(),
        )


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=b"heliograph", info=purpose.encode()).derive(secret.encode())


def load_or_create_secret(data_dir: Path, configured: SecretStr) -> str:
    """The configured secret, else the one in the data directory, made there (mode 0600) at the first start."""
    if secret := configured.get_secret_value():
        if len(secret) < MIN_LENGTH:
            raise SettingsError(f"secret_key: at least {MIN_LENGTH} characters")
        return secret
    path = data_dir / KEY_FILE
    try:
        if not path.exists():
            _create(path)
        close_file(path)
        secret = path.read_text("ascii", "replace").strip()
    except OSError as error:
        raise StartupError(f"{path}: {error.strerror}") from None
    if len(secret) < MIN_LENGTH:  # anybody could sign with a key that everybody knows
        raise StartupError(f"{path} holds no key: put it back from a backup; without it secrets of sources are lost")
    return secret


def _create(path: Path) -> None:
    """Make the key, whole or not at all; one that another process made meanwhile stays."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(beside)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
