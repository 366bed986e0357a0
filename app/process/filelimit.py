"""Open files: each viewer is one, so a server takes as many as the system lets it have."""

from __future__ import annotations

import resource


def raise_file_limit() -> int:
    """Raise the soft limit of open files to the hard one; what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (ValueError, OSError):  # some systems name a hard limit that they do not grant
            return soft
    return hard
