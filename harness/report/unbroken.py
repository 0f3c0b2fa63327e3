"""Commands in a terminal that no end of a line breaks: copied over two lines, a command is two."""

import re
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

_COMMAND: Final = re.compile(r"`[^`]*`")
_HELD: Final = "\ue000"  # of the private use area, and one column wide


class Unbroken:
    """A drawing of text that was `held_together`: its blanks are blanks again in its lines."""

    def __init__(self, drawn: RenderableType) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        for segment in console.render(self._drawn, options):
            yield segment._replace(text=segment.text.replace(_HELD, " "))


def held_together(text: str, width: int) -> str:
    """The text whose commands, between backticks, stay in one line each where they fit into `width`."""
    return _COMMAND.sub(
        lambda found: found[0].replace(" ", _HELD) if len(found[0]) <= width else found[0], text
    )
