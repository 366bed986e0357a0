"""What an installation writes is for its own account alone, whatever the directory and the umask it was given."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from fixtures.product import Product, ProductMaker


def open_to_others(directory: Path) -> list[str]:
    """The files below a directory that other accounts may read, by mode."""
    return [
        f"{path.relative_to(directory)} {stat.S_IMODE(path.stat().st_mode):04o}"
        for path in directory.rglob("*")
        if path.is_file() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]


def test_nothing_is_readable_by_others_in_a_directory_that_was_open(
    make_product: ProductMaker, product: Product, tmp_path: Path
) -> None:
    data_dir = tmp_path / "open"
    data_dir.mkdir()
    data_dir.chmod(0o755)
    before = os.umask(0o022)
    try:
        server = make_product(data_dir=data_dir)
        server.token("viewer")
    finally:
        os.umask(before)
    assert (data_dir / "heliograph.db").exists()
    assert open_to_others(data_dir) == []
    said = server.log.read_text()
    assert f"chmod 700 {data_dir}" in said
    assert "the data directory is open to others" in said
    assert server.stop() == 0
    for name in ("heliograph.db", "heliograph.db-wal", "heliograph.db-shm"):
        (data_dir / name).touch()
        (data_dir / name).chmod(0o644)
    server.token("viewer")  # a command alone closes them too
    assert open_to_others(data_dir) == []
    assert "chmod 700" not in product.log.read_text(), "of a directory that is nobody else's nothing is said"
