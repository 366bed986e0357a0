"""Runs the bench scripts of this folder, all or those named; each prints one JSON object last.

`python tests/bench/run.py [name…]`
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    scripts = sorted(path for path in HERE.glob("*.py") if path.name not in ("run.py", "report.py"))
    chosen = [path for path in scripts if not names or path.stem in names]
    if unknown := set(names) - {path.stem for path in scripts}:
        print(f"no such bench: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    return max((subprocess.run([sys.executable, str(path)], check=False).returncode for path in chosen), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
