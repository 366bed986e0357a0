"""What the API answers of links and snapshots."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .shapes import Ms, Principal, Shape

Address = Annotated[str, Field(description="Told this once where it is a link's: who has it sees the dashboard.")]
Expiry = Annotated[int | None, Field(description="Milliseconds since the epoch; null: never.")]


class ShareShape(Shape):
    """A link, without its address."""

    share_id: int
    name: str
    variables: str
    time: str
    text_boxes: bool
    values: dict[str, list[str]]
    from_: Annotated[str, Field(alias="from")]
    to: str
    tz: str
    has_password: bool
    expires_at: Expiry
    created_by: Principal
    created_by_name: Annotated[str, Field(description="The person's name, where the asker may know it.")]
    created_at: Ms
    used_at: Annotated[int | None, Field(description="When somebody opened it last, to half a minute; null: never.")]


class NewShareShape(ShareShape):
    """A link that was made just now."""

    url: Address
    embed_url: Annotated[str | None, Field(description="The same for frames; null for a link with a password.")]


class SnapshotShape(Shape):
    """A snapshot as lists have it."""

    snapshot_id: str
    url: Annotated[str, Field(description="Who has it may look.")]
    title: str
    maker: Annotated[str, Field(description="Whose view it is, as people call them.")]
    created_at: Ms
    expires_at: Expiry
    size: Annotated[int, Field(description="Bytes that are kept.")]
