"""E-mail over SMTP: one message with a text and an HTML part, threaded by group."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import Field

from ...datasources.sources.http import Tls
from ...errors import HeliographError, InvalidError
from ...storage.config.datasources import StoredSource
from ..grouping.notification import Notification
from .base import MAX_ANSWER, ContactOptions, Notifier, NotifierContext, NotifyError, Receipt, Written, template
from .email_html import as_html
from .texts import BODY, SUBJECT

MAX_SUBJECT: Final = 250
PORTS: Final = {"smtp": 587, "smtps": 465}
ADDRESS: Final = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$"
MailAddress = Annotated[str, Field(pattern=ADDRESS, max_length=320)]


class EmailOptions(ContactOptions):
    """Options of mail."""

    from_: MailAddress = Field(alias="from", description="Sender address.")
    from_name: str = Field("Heliograph", max_length=100, description="Sender name.")
    to: list[MailAddress] = Field(min_length=1, max_length=100, description="Recipient addresses.")
    user: str = Field(
        "", max_length=320, description="User name at the SMTP server; its password is the secret `password`."
    )
    starttls: Literal["auto", "required", "never"] = Field(
        "auto", description="STARTTLS: when the server offers it, always, or never."
    )
    insecure: bool = Field(False, description="Skip verification of the server's certificate.")
    subject: str = template(SUBJECT, "Subject line.")
    text: str = template(BODY, "Body; the HTML part shows the same alerts.")

    model_config = ContactOptions.model_config | {"populate_by_name": True, "serialize_by_alias": True}


class Email(Notifier):
    """The Message-ID is the notification's key: whoever gets it twice sees one."""

    kind = "email"
    title = "E-mail"
    icon = "✉"
    Config = EmailOptions
    url_form = "smtp://host:587 or smtps://host:465"
    secrets = ("password",)
    secret_options: ClassVar[tuple[str, ...]] = ()
    # A password goes to whoever these let through.
    trust_options: ClassVar[tuple[str, ...]] = ("insecure", "starttls")

    def __init__(self, stored: StoredSource, context: NotifierContext) -> None:
        super().__init__(stored, context)
        self._options = EmailOptions.model_validate(dict(stored.options))
        self._scheme, self._host, self._port, user = smtp_address(stored.url)
        self._user = self._options.user or user
        self._password = stored.secrets.get("password", "")

    async def send(self, notification: Notification) -> Receipt:
        return await self.post(message(self._options, notification))

    async def post(self, mail: EmailMessage) -> Receipt:
        """Hand a mail over, `addressed` to those of the contact point; NotifyError."""
        content = mail.as_bytes(policy=WIRE)
        try:
            async with asyncio.timeout(self.context.timeout_s):
                return await self._submit(content)
        except HeliographError as error:  # the guard's
            raise NotifyError(error.detail, retryable=error.retryable) from None
        except TimeoutError:
            reason = f"{self._host} did not take the mail within {self.context.timeout_s:g} s"
            raise NotifyError(reason, retryable=True) from None
        except aiosmtplib.SMTPException as error:
            raise refused(error, self._host) from None
        except OSError as error:
            raise NotifyError(f"{self._host}: {error}"[:300], retryable=not isinstance(error, ssl.SSLError)) from None

    async def _submit(self, content: bytes) -> Receipt:
        context = await asyncio.to_thread(Tls(insecure=self._options.insecure).context)
        connected = await self.context.connector.connected(self._host, self._port)
        server = aiosmtplib.SMTP(
            hostname=self._host,
            sock=connected,
            use_tls=self._scheme == "smtps",
            start_tls=False,
            tls_context=context,
            local_hostname=self._options.from_.partition("@")[2],
            timeout=self.context.timeout_s,
        )
        try:
            try:
                await server.connect()
            except BaseException:
                if server.transport is None:  # else the connection is its own, and ends with it
                    connected.close()
                raise
            await self._secure(server)
            sender, recipients = self._options.from_, self._options.to
            failed, said = await server.sendmail(sender, recipients, content)
        finally:
            server.close()
        names = ", ".join(sorted(failed))
        return Receipt(f"{self._host} took it{f', but not for {names}' if failed else ''}"[:500], said[:MAX_ANSWER])

    async def _secure(self, server: aiosmtplib.SMTP) -> None:
        """Encrypted and logged in, as far as the options and the server will."""
        wanted, encrypted = self._options.starttls, self._scheme == "smtps"
        if not encrypted and wanted != "never":
            await server.ehlo()
            if server.supports_extension("starttls"):
                await server.starttls(server_hostname=self._host)
                encrypted = True
            elif wanted == "required":
                raise NotifyError(f"{self._host} does not offer STARTTLS", retryable=False)
        if not self._user:
            return
        if not encrypted and wanted != "never":
            reason = f"{self._host} does not offer STARTTLS: the password is not told in the clear"
            raise NotifyError(reason, retryable=False)
        await server.login(self._user, self._password)


def message(options: EmailOptions, notification: Notification) -> EmailMessage:
    """The mail of a notification. No text of an alert can begin another header."""
    texts = Written.of(options, notification)
    mail = addressed(options, one_line(texts["subject"]) or "Alert", notification.key, notification.at_ms)
    mail["References"] = f"<{notification.incident}@{options.from_.partition('@')[2]}>"
    mail["X-Heliograph-Status"] = notification.status
    text = sound(texts["text"])
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(sound(as_html(texts["subject"], notification)), subtype="html", cte="quoted-printable")
    return mail


def addressed(options: EmailOptions, subject: str, key: str, at_ms: int) -> EmailMessage:
    """A mail of a contact point without a text. `key`: whoever gets it twice sees one."""
    mail = EmailMessage()
    name, _, at = options.from_.partition("@")
    mail["Subject"] = one_line(subject)[:MAX_SUBJECT]
    mail["From"] = Address(one_line(options.from_name), name, at)
    mail["To"] = ", ".join(options.to)
    mail["Date"] = format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC))
    mail["Message-ID"] = f"<{key}@{at}>"
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def one_line(text: str) -> str:
    """A text without line breaks and control characters of any kind."""
    return "".join(one for one in " ".join(sound(text).split()) if one.isprintable())


def sound(text: str) -> str:
    """A text that can be encoded, whatever a label held."""
    return text.encode("utf-8", "replace").decode()


def smtp_address(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and user of `smtp://user@host:587`; InvalidError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidError("the URL cannot be read", path="$.url") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise InvalidError("the URL begins with smtp:// or smtps://", path="$.url")
    if parts.path.strip("/") or parts.query or parts.fragment or port == 0:
        raise InvalidError("the URL is a server and its port alone", path="$.url")
    if parts.password is not None:
        raise InvalidError("a password belongs among the secrets", path="$.url")
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme], unquote(parts.username or "")


def refused(error: aiosmtplib.SMTPException, host: str) -> NotifyError:
    """What a server did not take: codes from 500 on are for good, others and broken connections are not."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        answers: list[Any] = list(error.recipients)
        said = "; ".join(f"{one.recipient}: {one.code} {one.message}" for one in answers)
        again = any(one.code < 500 for one in answers)
        return NotifyError(f"{host} takes it for nobody", retryable=again, answer=said[:MAX_ANSWER])
    if isinstance(error, aiosmtplib.SMTPResponseException):
        said = f"{error.code} {error.message}"
        return NotifyError(f"{host} answered {error.code}", retryable=error.code < 500, answer=said[:MAX_ANSWER])
    again = not isinstance(error, aiosmtplib.SMTPNotSupported)
    return NotifyError(f"{host}: {error}"[:300], retryable=again)
