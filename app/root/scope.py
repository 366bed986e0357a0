"""Who asks: the frozen value made at authentication, an argument of every query and part of every key."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

SHARED = "shared"
VIEW = "view"  # the principal of a view, which asks for all who watch it
WITHIN = "|"  # between who made what asks and which of it asks, in the name of a payer
DEFAULT_ORG = 1  # the org that every installation has


class Role(IntEnum):
    """Roles of a user in an org, each allowed all that the one before is."""

    VIEWER = 1
    EDITOR = 2
    ADMIN = 3

    @classmethod
    def parse(cls, name: str) -> Role:
        """The role of that name (`viewer`, `editor`, `admin`); ValueError for any other."""
        try:
            return cls[name.upper()]
        except KeyError:
            raise ValueError(f"unknown role {name!r}: viewer, editor or admin") from None

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Scope:
    """Who asks and whose data may be shared with whom.

    `org` and `teams` are internal ids. `data_scope` is `shared`, or a user's id where a source forwards the user's
    identity or a query uses `$__user`: results never cross data scopes. `principal` names the asker in logs and
    limits (`user:7`, `token:3`, `anonymous`, `system`) and is no part of any data key. `household`: who it is for,
    where the principal does not tell that apart: the address of who did not log in, the dashboard of a view, a rule. By
    these what all use is shared out. `maker`: who saved that dashboard or rule last: all of theirs is one share, within
    which each has its part.
    """

    org: int
    role: Role
    teams: frozenset[int] = frozenset()
    data_scope: str = SHARED
    principal: str = "anonymous"
    user_id: int | None = None
    login: str = ""
    household: str = field(default="", compare=False)
    maker: str = field(default="", compare=False)

    @property
    def data_key(self) -> tuple[int, str]:
        """What separates one asker's data from another's: org and data scope."""
        return (self.org, self.data_scope)

    @property
    def payer(self) -> str:
        """From whose share of what all use this is taken: `1/user:7`, `1/user:7|view/shop` of what they made."""
        own = self.household or self.principal
        return f"{self.org}/{self.maker}{WITHIN}{own}" if self.maker else f"{self.org}/{own}"

    @property
    def personal(self) -> Scope:
        """The same asker, whose data nobody else shares."""
        own = f"user:{self.user_id}" if self.user_id is not None else self.principal
        return replace(self, data_scope=own)

    def of_dashboard(self, dashboard_id: str, maker: str = "") -> Scope:
        """A view's, which asks for all who watch that dashboard; `maker`: who saved it last."""
        return replace(self, principal=VIEW, household=f"{VIEW}/{dashboard_id}", maker=maker)


def maker_of(payer: str) -> str:
    """Who is behind a payer: of what somebody made they themselves, else the payer."""
    return payer.partition(WITHIN)[0]
