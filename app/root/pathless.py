"""Messages of libraries as people may read them: without the folders and files of this machine that stand in them."""

from __future__ import annotations

import re
from typing import Final

# From a slash that begins a word, through at least two names; addresses have theirs behind a colon or a name.
PATH: Final = re.compile(r"(?:file://|(?<![\w/:.~-])~?)/[\w.+@%~-]+(?:/[\w.+@%~-]*)+")
LEFT_OUT: Final = "…"


def pathless(text: str, own: str = "") -> str:
    """The text with "…" for each path, but for those that stand in `own`, which is what the reader wrote."""
    return PATH.sub(lambda found: found[0] if found[0] in own else LEFT_OUT, text)
