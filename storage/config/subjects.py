"""Whom rights are given to: `user:3`, `team:7`, `token:5`. What one was given goes when they go."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...scope import Role
from .share_tables import share_links
from .tables import annotation_marks, folder_permissions, folders, tokens

NOBODY = ""


async def forget_subject(connection: AsyncConnection, org: int, subject: str) -> None:
    """In the transaction that removes a subject: its rights on folders, its tokens and links; its annotations are
    nobody's."""
    of_org = select(folders.c.id).where(folders.c.org_id == org)
    await connection.execute(
        delete(folder_permissions).where(
            folder_permissions.c.subject == subject, folder_permissions.c.folder_id.in_(of_org)
        )
    )
    made = (annotation_marks.c.org_id == org, annotation_marks.c.created_by == subject)
    await connection.execute(update(annotation_marks).where(*made).values(created_by=NOBODY))
    linked = (share_links.c.org_id == org, share_links.c.created_by == subject)
    await connection.execute(delete(share_links).where(*linked))
    gone = delete(tokens).where(tokens.c.org_id == org, tokens.c.created_by == subject).returning(tokens.c.id)
    for token_id in list(await connection.scalars(gone)):
        await forget_subject(connection, org, f"token:{token_id}")


async def lower_tokens(connection: AsyncConnection, org: int, subject: str, role: Role) -> None:
    """In the transaction that gives a subject a role: no token that they made may more, nor those that it made."""
    made = (tokens.c.org_id == org, tokens.c.created_by == subject)
    await connection.execute(update(tokens).where(*made, tokens.c.role > int(role)).values(role=int(role)))
    for token_id in list(await connection.scalars(select(tokens.c.id).where(*made))):
        await lower_tokens(connection, org, f"token:{token_id}", role)
