"""Where the embedded store answers: a file with its URL and secret, for this user's eyes alone."""

from __future__ import annotations

import os
from pathlib import Path

FILE = "store.url"


def write_url(data_dir: Path, port: int, secret: str) -> None:
    """Write the store's URL; the file is whole at any moment."""
    path = data_dir / FILE
    unfinished = path.with_suffix(".tmp")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"http://heliograph:{secret}@127.0.0.1:{port}/\n")
    unfinished.rename(path)
