"""Causes behind a crash, whichever requirement shows it."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "null-pointer": Cause(
        "your program used {a pointer that is NULL: fopen(), malloc(), strchr(), strtok(), getenv() and "
        "many others return NULL when they fail or find nothing|a null pointer|a null pointer: what "
        "makes an object, or looks for one, has failed or found nothing}",
        "the line that is named above: where does its pointer get its value? Test it before you use it",
        "crashes-at-start.c",
    ),
    "bad-pointer": Cause(
        "your program reads or writes where it has no memory: by a pointer that is null, that was never "
        "set, or whose memory was given back, or by an index far beyond its array",
        "the line that is named above, where one is: which values do its pointers and indexes have? A "
        "number that comes from a client's line or address must be tested first",
        "counts-by-address.c",
    ),
    "beyond-its-array": Cause(
        "your program goes beyond the end of an array, and overwrites or reads what lies behind it in "
        "memory, a return address, say",
        "the line named above, if there is one: how long is the array, and how many bytes go into it? "
        "{strcpy(), strcat() and sprintf() do not look at its length; a string needs one byte more, for "
        "its NUL||}",
        "small-reply-array.c",
    ),
    "stack-is-full": Cause(
        "your program's stack is full (8 MiB, as a rule; less in a thread, perhaps): an array on it is "
        "too large, or a function calls itself too often",
        "the line that is named above: an array in a function lies on the stack{; malloc() for "
        "what is large||}, and each call of a function within itself takes a piece of it: a loop in "
        "place of a function that calls itself for each piece of a line",
        "large-array.c",
    ),
    "aborts": Cause(
        "your program calls abort(), and so ends itself",
        "the abort() that is reached: what one client does or sends is no reason to end for all",
        "daemon-crashes.c",
        calls=("exit",),
    ),
    "divides-by-zero": Cause(
        "your program divides by zero (also by %), which ends it by SIGFPE",
        "the line that is named above, where one is: where does the number behind / or % get its value, "
        "and when is it 0?",
        "divides-by-zero.c",
    ),
}
