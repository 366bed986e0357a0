"""Who may come in, as handlers get it: one object of what knows credentials and what counts their use."""

from __future__ import annotations

from dataclasses import dataclass

from .authenticator import Authenticator
from .behalf import Behalf
from .budget import Budget
from .ratelimit import LoginLimit, RateLimit
from .sessions import Sessions


@dataclass(frozen=True, slots=True)
class Access:
    """`auth` knows who asks, `sessions` issues cookies, `behalf` lets the work role ask for its people."""

    auth: Authenticator
    sessions: Sessions
    behalf: Behalf
    budget: Budget
    rate_limit: RateLimit
    logins: LoginLimit
