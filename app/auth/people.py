"""Who did something, as people call them: `user:7` is a login, `token:3` the API."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...scope import Scope
from ...storage.config.users import Users

USER, TOKEN = "user:", "token:"


async def names_of(users: Users, scope: Scope, principals: Collection[str]) -> Mapping[str, str]:
    """A name for each principal that has one; the logins of people are told to none who are anonymous."""
    ids = {int(one.removeprefix(USER)) for one in principals if one.startswith(USER)}
    known = scope.user_id is not None or scope.principal.startswith(TOKEN)
    logins = await users.logins(scope.org, ids) if ids and known else {}
    names = {one: "API" if one.startswith(TOKEN) else one for one in principals if not one.startswith(USER)}
    return names | {f"{USER}{user_id}": login for user_id, login in logins.items()}
