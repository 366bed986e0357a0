"""What names this node among those over one database, the same after each start."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import Final

NODE_FILE: Final = "node.id"


def node_id(data_dir: Path) -> str:
    """Its name, made where it has none yet."""
    file = data_dir / NODE_FILE
    with contextlib.suppress(OSError):
        found = file.read_text("ascii").strip()
        if found:
            return found
    made = secrets.token_hex(8)
    file.write_text(made, "ascii")
    return made


def owner_of(data_dir: Path) -> str:
    """Whom a lease names: this node, and this start of one of its processes."""
    return f"{node_id(data_dir)}/{secrets.token_hex(4)}"
