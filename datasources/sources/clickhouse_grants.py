"""Whether the user of a ClickHouse source may do more than read its tables, by what `SHOW GRANTS` says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

GRANT: Final = re.compile(r"\s*(?P<kind>GRANT|REVOKE)\s+(?P<rights>.+?)\s+ON\s+", re.IGNORECASE | re.DOTALL)
COLUMNS: Final = re.compile(r"\([^()]*\)")
SOURCES: Final = frozenset(
    {"SOURCES", "FILE", "URL", "REMOTE", "MONGO", "REDIS", "MYSQL", "POSTGRES", "SQLITE", "ODBC", "JDBC", "HDFS", "S3"}
    | {"HIVE", "AZURE", "KAFKA", "NATS", "RABBITMQ", "YTSAURUS", "BIGQUERY", "DISK", "ARROW FLIGHT"}
)
ALL: Final = frozenset({"ALL", "ALL PRIVILEGES"})
READ_OF_SOURCE: Final = re.compile(r"\bGRANT\s+(?:READ|WRITE|READ\s*,\s*WRITE)\s+ON\s+(\w+)", re.IGNORECASE)
JUDGED_FOR_S: Final = 60.0
FIT: Final = (
    "CREATE USER heliograph IDENTIFIED BY '…' SETTINGS readonly = 1; GRANT SELECT ON your_database.* TO heliograph;"
)


def reaches_out(grants: Iterable[str]) -> list[str]:
    """The rights among these grants by which a query could read from elsewhere than the server's tables."""
    given: set[str] = set()
    for grant in grants:
        if source := READ_OF_SOURCE.search(grant):
            given.add(source[1].upper())
        elif match := GRANT.match(grant):
            rights = {one.strip().upper() for one in COLUMNS.sub("", match["rights"]).split(",")}
            if match["kind"].upper() == "REVOKE":
                given -= given if rights & (ALL | {"SOURCES"}) else rights
            else:
                given |= rights & (SOURCES | ALL)
    return sorted(given)


class Due:
    """Whether a look is due, once in JUDGED_FOR_S seconds: a user may be given more."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked_s = -JUDGED_FOR_S

    def __bool__(self) -> bool:
        return self._clock() - self._looked_s >= JUDGED_FOR_S

    def done(self) -> None:
        """It was looked at now."""
        self._looked_s = self._clock()
