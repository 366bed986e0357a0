"""The mail of a report: a few words, and the dashboard as a PDF."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

from ....alerting.notifiers.email import EmailOptions, addressed, one_line, sound
from ....datasources.datemath import zone_of
from ...pages.slug import slug


def mail_of(  # noqa: PLR0917 - what stands in it
    options: EmailOptions, title: str, key: str, pdf: bytes, window: tuple[int, int], zone: str, url: str, at_ms: int
) -> EmailMessage:
    """`window` in ms, told in `zone`; `url` of the living dashboard, empty where this server has no address."""
    mail = addressed(options, title, key, at_ms)
    start, end = (f"{datetime.fromtimestamp(one / 1000, zone_of(zone)):%Y-%m-%d %H:%M}" for one in window)
    lines = [one_line(title), f"{start} to {end} ({zone})", *([url] if url else [])]
    mail.set_content(sound("\n".join(lines)) + "\n", cte="quoted-printable")
    mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{slug(title)}.pdf")
    return mail
