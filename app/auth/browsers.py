"""People who did not log in, told apart by their browser: what each of them makes before it is saved is their own.

The cookie is a secret, and what it is named by in credentials is not it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

COOKIE: Final = "heliograph_browser"
LIFE_DAYS: Final = 30
PATTERN: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
ANONYMOUS: Final = "anonymous"


def fresh() -> str:
    """A cookie for a browser that has none."""
    return secrets.token_hex(16)


def credential_of(cookie: str | None) -> str:
    """The credential of who did not log in: of that browser, or of nobody in particular."""
    if not cookie or not PATTERN.fullmatch(cookie):
        return ANONYMOUS
    return f"{ANONYMOUS}:{hashlib.sha256(cookie.encode()).hexdigest()[:32]}"


def is_anonymous(credential: str) -> bool:
    """Whether it is of somebody who did not log in."""
    return credential.partition(":")[0] == ANONYMOUS
