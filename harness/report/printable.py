"""Makes a subject's output harmless: no control character reaches a terminal or a file."""


class _Shown(dict[int, str]):
    """How each character is shown, by its code; made when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        is_shown = character.isprintable() or character in "\n\t"
        return self.setdefault(code, character if is_shown else repr(character)[1:-1])


_SHOWN = _Shown()


def printable(text: str) -> str:
    """This text, with control characters and lone surrogates as their Python escapes."""
    return text if text.isprintable() else text.translate(_SHOWN)
