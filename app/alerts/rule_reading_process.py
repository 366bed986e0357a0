"""The process that reads one rule file; whoever started it ends it where that takes too long."""

from __future__ import annotations

import os
from typing import Final

from ...alerting.rules.prometheus_file import Reading, RuleFile, read
from ...components.asking.pickled import serve
from ...errors import HeliographError

NICENESS: Final = 5  # living views go first


def answered(text: str, how: Reading) -> RuleFile | HeliographError:
    """The rules, or what is wrong with the text."""
    try:
        return read(text, how)
    except HeliographError as error:
        return error


if __name__ == "__main__":
    os.nice(NICENESS)
    serve(answered)
