"""What a person configures and what of it is secret: the base of data sources and of notifiers."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from pydantic import BaseModel

from ...errors import InvalidError


class Configured:
    """A kind of configured connection: its options in `Config`, its URL, and what is kept from whom."""

    kind: ClassVar[str]
    title: ClassVar[str]
    called: ClassVar[str] = "source"  # what one of a kind is: a Prometheus source
    Config: ClassVar[type[BaseModel]]
    url_form: ClassVar[str]  # what its URL looks like: shown in forms; empty where it has none
    secrets: ClassVar[tuple[str, ...]] = ()  # the names of what is kept encrypted
    secret_options: ClassVar[tuple[str, ...]] = ("headers",)  # options by name whose values are secrets too
    trust_options: ClassVar[tuple[str, ...]] = ("insecure", "ca_file")  # who is taken for the server that gets them
    file_options: ClassVar[tuple[str, ...]] = ("ca_file", "cert_file", "key_file")  # of this machine: for operators

    @classmethod
    def check_secrets(cls, names: Collection[str]) -> None:
        """InvalidError with the path of the first name that is not one of its secrets."""
        beginnings = ("url.", *(f"{name}." for name in cls.secret_options))
        unknown = {name for name in set(names) - set(cls.secrets) if not name.startswith(beginnings)}
        if unknown:
            known = ", ".join(cls.secrets) or "none"
            raise InvalidError(
                f"a {cls.title} {cls.called} has no such secret: {known}", path=f"$.secrets.{min(unknown)}"
            )
