"""Causes behind contract/starts: there is no program, since it was not built or cannot be read."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "does-not-compile": Cause(
        "the compiler stops at this error; later ones often follow from it",
        "the line that the message names",
        "does-not-compile.c",
    ),
    "missing-file": Cause(
        "a file that your program includes is not among what you handed in, or has another name or "
        "folder there",
        "the #include line that the message names, and the files that you hand in; a path with ../ "
        "may lead out of them: put the file beside the source",
        "missing-file.c",
        by_hand="copy what you hand in into an empty folder elsewhere (`mktemp -d`), and compile it "
        "there: there must be no error",
    ),
    "not-linked": Cause(
        "each file compiles, and then the linker finds this name in none of them: it is called and "
        "nowhere defined",
        "the name, letter by letter; the file in which it is defined: hand it in, and name it where you "
        "compile; or the library that has it (-lm, say)",
        "not-linked.c",
    ),
    "defined-twice": Cause(
        "each file compiles, and then the linker finds this name defined in two places",
        "both places: a function's body, and a variable without extern, belong into one .c file, and "
        "not into a header that two of them include (static makes it a file's own); the C library's own "
        "names are taken, too",
        "defined-twice.c",
    ),
    "of-windows": Cause(
        "your program is written for Windows: this header is not there on Linux",
        "sys/socket.h, netinet/in.h and unistd.h in its place (slide 2); without WSAStartup(), with "
        "close() for closesocket() and int for SOCKET",
        "of-windows.c",
    ),
    "no-interpreter": Cause(
        "the program that the first line of your script names (#!) is not there; a line that ends as on "
        "Windows, in CR LF, gives the CR to its name",
        "`cat -A FILE`: where ^M stands at a line's end, let your editor write LF alone (dos2unix); "
        "otherwise the path behind #!",
        "windows-line-ends.sh",
    ),
    "unreadable": Cause(
        "your program is not of the language's form, and is not started: the interpreter stops at this "
        "line{|; print without parentheses is Python 2, and this is Python 3|}",
        "the line that the message names, and the one before it",
        "unreadable.pl",
    ),
}
