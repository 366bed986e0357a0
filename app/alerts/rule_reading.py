"""Reads rule files of people, each in a process of its own, by turns: YAML of some MB takes minutes."""

from __future__ import annotations

from typing import Final

from ...alerting.rules.prometheus_file import Reading, RuleFile
from ...components.asking.pickled import NoAnswerError, Questions
from ...errors import HeliographError, InvalidError
from ...turns import FairTurns, Room

PROCESS: Final = "heliograph.app.alerts.rule_reading_process"
READ_S: Final = 30.0  # the start of Python included; five thousand rules take some seconds
ROOM: Final = Room(at_once=1, waiting=32, waiting_of_one=4, within_s=60.0)


class RuleReader:
    """There is no process while there is nothing to read."""

    def __init__(self) -> None:
        self._turns = FairTurns(ROOM, "many rule files wait to be read", "many rule files of yours wait to be read")

    async def read(self, text: str, how: Reading, who: str) -> RuleFile:
        """The rules of a text, read in the turn of `who`. MalformedError, InvalidError; RateLimitedError where many of
        theirs wait, OverloadedError where many do."""
        async with self._turns.turn(who):
            process = Questions(PROCESS, READ_S)
            try:
                found: RuleFile | HeliographError | str = await process.ask((text, how))
            except NoAnswerError:
                raise InvalidError(f"the file takes longer than {READ_S:g} s to read", path="$") from None
            finally:
                await process.close()
        if isinstance(found, HeliographError):
            raise found
        if isinstance(found, str):
            raise InvalidError("the file cannot be read", path="$")
        return found
