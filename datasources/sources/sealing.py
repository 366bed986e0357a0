"""What of a source's configuration is secret though it does not stand among its secrets: found, and moved there.

Passwords in a URL and the values of headers are kept encrypted like all other secrets and are never answered. They are
named `url.<argument>` and `headers.<name>`; the password of a URL's user is the secret `password`. Whoever makes a
source puts them back, for that source alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from ...errors import InvalidError
from ...storage.config.datasources import StoredSource
from .configured import Configured

S = TypeVar("S", bound=StoredSource)
OF_URL: Final = "url."
PASSWORD: Final = "password"  # noqa: S105 - the name of a secret
SECRET_ARGUMENT: Final = re.compile(
    r"pass(?:word|wd|phrase|code)?$|pwd|secret|token|credential|signature|^sig$|^key$|api_?key|access_?key|auth", re.I
)


def sealed(kind: type[Configured], stored: S) -> S:
    """The same with all that is secret among its secrets; what is there already is not changed.

    InvalidError where its URL has a password that this kind has no secret for, or cannot be read.
    """
    url, found = _sealed_url(kind, stored.url)
    options = dict(stored.options)
    for name in kind.secret_options:
        values = options.get(name)
        if isinstance(values, Mapping):
            found.update({f"{name}.{key}": str(value) for key, value in values.items() if value})
            del options[name]
    if not found and url == stored.url and len(options) == len(stored.options):
        return stored
    return replace(stored, url=url, options=options, secrets=merged(found, stored.secrets))


def opened(kind: type[Configured], stored: S) -> S:
    """What `sealed` took away at its place again: for the source itself."""
    options = dict(stored.options)
    for name in kind.secret_options:
        values = _below(f"{name}.", stored.secrets)
        if values:
            options[name] = {**options.get(name, {}), **values}
    arguments = _below(OF_URL, stored.secrets)
    url = stored.url
    if arguments:
        parts = urlsplit(url)
        url = urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(arguments))))))
    return replace(stored, url=url, options=options)


def _below(beginning: str, secrets: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(beginning): value for key, value in secrets.items() if key.startswith(beginning)}


def merged(kept: Mapping[str, str], given: Mapping[str, str]) -> Mapping[str, str]:
    """The secrets of both, those given going first whatever their case; an empty one is none."""
    named = {name.lower() for name in given}
    found = {name: value for name, value in kept.items() if name.lower() not in named}
    return {name: value for name, value in {**found, **given}.items() if value}


def destination(kind: type[Configured], stored: StoredSource) -> tuple[Any, ...]:
    """All that decides to whom a source's secrets are told: its kind, server, and whom it trusts to be that server."""
    parts = urlsplit(stored.url)
    host = parts.netloc.rpartition("@")[2].lower()
    trusted = tuple(stored.options.get(name) for name in kind.trust_options)
    return (kind.kind, parts.scheme.lower(), host, parts.query, trusted)


def _sealed_url(kind: type[Configured], url: str) -> tuple[str, dict[str, str]]:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidError("the URL cannot be read", path="$.url") from None
    if parts.netloc and "@" in f"{parts.path}{parts.query}{parts.fragment}":
        raise InvalidError("what is no host is percent-encoded in a URL: @ is %40, / is %2F", path="$.url")
    found: dict[str, str] = {}
    user, colon, password = parts.netloc.rpartition("@")[0].partition(":")
    if colon:
        if PASSWORD not in kind.secrets:
            raise InvalidError(f"the URL of this kind of {kind.called} has no password", path="$.url")
        found[PASSWORD] = unquote(password)
        parts = parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}")
    arguments = parse_qsl(parts.query, keep_blank_values=True)
    secret = {name: value for name, value in arguments if SECRET_ARGUMENT.search(name)}
    if secret:
        found.update({OF_URL + name: value for name, value in secret.items()})
        rest = [(name, value) for name, value in arguments if name not in secret]
        parts = parts._replace(query=urlencode(rest, quote_via=quote))
    return (urlunsplit(parts) if found else url), found
