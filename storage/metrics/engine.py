"""The embedded engine: chDB over one data directory, a fresh connection a statement, cancelled by query id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import chdb

from ...errors import HeliographError, StartupError
from .judging import Forbidden, judged
from .literals import quoted

SETTING_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
ERROR_CODE = re.compile(r"Code: (\d+)\.")
TRAILING_FORMAT = re.compile(r"\bFORMAT\s++(\w++)\s*+(?:;\s*+)?$", re.IGNORECASE)
PEOPLE_FORMATS = frozenset({"Arrow", "ArrowStream", "TabSeparated"})
INSERT = re.compile(r"^\s*INSERT\s+INTO\b", re.IGNORECASE)


class EngineError(HeliographError):
    """ClickHouse refused a statement. `number` is its own error code."""

    status, code, title = 500, "engine", "The store refused the statement"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        match = ERROR_CODE.search(detail)
        self.number = int(match[1]) if match else 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """A statement's answer in its format, and what it read and wrote."""

    body: bytes
    rows_read: int = 0
    bytes_read: int = 0
    rows_written: int = 0
    bytes_written: int = 0
    elapsed_s: float = 0.0


class Engine:
    """chDB in this process. All methods block: call them from a thread. StartupError where the directory is in use."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._closing = Lock()
        try:
            # Held while the process lives: chDB shuts its engine down with the last connection.
            self._root = chdb.connect(self._path)
        except Exception as error:  # chDB raises bare RuntimeError whatever is in the way
            raise StartupError(f"{path}: the store cannot open its data: {first_line(error)}") from error

    def run(
        self,
        statement: str,
        *,
        default_format: str = "TabSeparated",
        parameters: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
        query_id: str = "",
        body: bytes = b"",
        of_a_person: bool = False,
    ) -> Outcome:
        """Run one statement; with `body`, an INSERT whose FORMAT clause says how it is written.

        `of_a_person`: only what the engine's own parser sees as one SELECT of what people may ask, written anew by it.
        """
        connection = chdb.connect(self._path)
        try:
            connection.query(set_statement(query_id, settings or {}))
            if of_a_person:
                return _query_of_a_person(connection, statement, default_format)
            if body or (INSERT.match(statement) and TRAILING_FORMAT.search(statement)):
                return _insert(connection, statement, body)
            return _query(connection, statement, default_format, parameters or {})
        except EngineError:
            raise
        except Exception as error:  # noqa: BLE001 - chDB raises bare RuntimeError for all that the engine refuses
            raise EngineError(str(error)) from None
        finally:
            connection.close()

    def kill(self, query_id: str) -> None:
        """Cancel the statement that runs under that id, if any."""
        self.run(f"KILL QUERY WHERE Settings['log_comment'] = {quoted(query_id)} ASYNC")

    def close(self) -> None:
        """End the engine, and nothing may be asked of it after."""
        with self._closing:
            self._root.close()


def _query(connection: Any, statement: str, fmt: str, parameters: Mapping[str, str]) -> Outcome:
    match = TRAILING_FORMAT.search(statement)
    if match:
        statement, fmt = statement[: match.start()], match[1]
    result = (
        connection.query(statement, fmt, params=dict(parameters)) if parameters else connection.query(statement, fmt)
    )
    return Outcome(result.bytes() or b"", result.rows_read(), result.bytes_read(), elapsed_s=result.elapsed())


def _query_of_a_person(connection: Any, statement: str, fmt: str) -> Outcome:
    if match := TRAILING_FORMAT.search(statement):
        statement, fmt = statement[: match.start()], match[1]

    def ask(text: str) -> str:
        return bytes(connection.query(text, "TSVRaw").bytes() or b"").decode()

    if fmt not in PEOPLE_FORMATS:
        raise EngineError(f"Code: 497. {fmt} is not allowed")
    try:
        return _query(connection, judged(statement, ask), fmt, {})
    except Forbidden as error:
        raise EngineError(f"Code: 497. DB::Exception: {error} is not allowed") from None


def _insert(connection: Any, statement: str, body: bytes) -> Outcome:
    match = TRAILING_FORMAT.search(statement)
    if match is None:
        raise EngineError("Code: 62. an INSERT with data says its FORMAT")
    with connection.send_insert(statement[: match.start()], match[1]) as insert:
        insert.append(body)
        result = insert.finish()
    return Outcome(b"", rows_written=result.rows_written, bytes_written=result.bytes_written, elapsed_s=result.elapsed)


def set_statement(query_id: str, settings: Mapping[str, str]) -> str:
    """One SET with the id (as `log_comment`, by which a statement is found again) and the settings, readonly last."""
    pairs = [("log_comment", query_id), *((key, value) for key, value in settings.items() if key != "readonly")]
    for name, _ in pairs:
        if not SETTING_NAME.match(name):
            raise EngineError(f"Code: 115. Unknown setting {name!r}")
    if "readonly" in settings:
        pairs.append(("readonly", settings["readonly"]))
    return "SET " + ", ".join(f"{name} = {quoted(value)}" for name, value in pairs)


def first_line(error: BaseException) -> str:
    """What ClickHouse says first, without its stack."""
    return (str(error).splitlines() or [type(error).__name__])[0]
