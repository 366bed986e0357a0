"""Where settings come from: flags over environment over `heliograph.toml` over defaults; what is wrong is one line."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from ..errors import SettingsError
from ..faults import said
from .settings import TABLES, Settings

ENV_PREFIX = "HELIOGRAPH_"
DEFAULT_CONFIG = Path("heliograph.toml")
# Names with the prefix that are not settings: the configuration file's path, what a parent tells its roles, tests.
OTHER_NAMES = re.compile(r"^HELIOGRAPH_(CONFIG|ROLE_\w+|TEST_\w+)$")
ENV_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def load_settings(
    *,
    config: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force. `flags` that are None were not given. SettingsError, one line, for any fault."""
    environ = os.environ if environ is None else environ
    values = {**read_file(config, environ), **read_environment(environ)}
    values.update({key: value for key, value in (flags or {}).items() if value is not None})
    return checked_settings(values)


def checked_settings(values: Mapping[str, Any]) -> Settings:
    """These settings, all others as they are by default; SettingsError naming the first fault."""
    try:
        return Settings.model_validate(dict(values))
    except ValidationError as error:
        raise SettingsError(first_fault(error)) from None


def read_file(config: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    """The configuration file's keys with `${ENV}` replaced in all texts; the default file may be missing."""
    path = config or (Path(environ["HELIOGRAPH_CONFIG"]) if environ.get("HELIOGRAPH_CONFIG") else DEFAULT_CONFIG)
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if path == DEFAULT_CONFIG:
            return {}
        raise SettingsError(f"{path}: no such file") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None
    replaced = substitute(document, environ, str(path))
    assert isinstance(replaced, dict)
    return replaced


def read_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Settings of the environment, as texts by key; SettingsError for a name that is no setting."""
    values = {}
    for name, value in environ.items():
        if not name.startswith(ENV_PREFIX) or OTHER_NAMES.match(name):
            continue
        key = name.removeprefix(ENV_PREFIX).lower()
        if key not in Settings.model_fields or key in TABLES:
            raise SettingsError(f"{name}: unknown setting")
        values[key] = value
    return values


def substitute(value: Any, environ: Mapping[str, str], where: str) -> Any:
    """`${NAME}` in every text replaced by the environment's value; a missing one is a SettingsError."""
    if isinstance(value, dict):
        return {key: substitute(item, environ, f"{where}: {key}") for key, item in value.items()}
    if isinstance(value, list):
        return [substitute(item, environ, f"{where}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def lookup(match: re.Match[str]) -> str:
        if match[1] not in environ:
            raise SettingsError(f"{where}: the environment has no {match[1]}")
        return environ[match[1]]

    return ENV_REFERENCE.sub(lookup, value)


def first_fault(error: ValidationError) -> str:
    """The first fault as one line that names the key, never the value (it may be a secret)."""
    fault = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{key}: unknown setting"
    return f"{key}: {said(fault)}"


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings, other than tables of the configuration file, as environment variables for a child process."""
    values = {}
    for key in Settings.model_fields:
        value = getattr(settings, key)
        if key in TABLES:
            continue
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        values[ENV_PREFIX + key.upper()] = ",".join(value) if isinstance(value, tuple) else str(value)
    return values
