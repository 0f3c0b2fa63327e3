"""Causes behind what service/* can show: the reply is not the one that the line asks for."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "first-word": Cause(
        "of each line only the first word comes back: what reads it stops at a blank",
        "{scanf() with %s (in C++ also >>) ends at a blank: fgets(), getline() or read()|what you do "
        "with the line: split() takes it apart|what reads the line: the whole of it, and no word (in "
        "Java nextLine(), not next(); in Go Fscanln() takes words)}",
        "answers-first-word.c",
        calls=("read",),
    ),
    "one-byte": Cause(
        "of each line only the first byte comes back{: in while (n = read(...) > 0) the > comes before "
        "the =, so that n becomes 1|: recv(1) returns one byte|: you read one byte, or write one}",
        "{every call whose result you assign and test at once: it needs two more parentheses, while ((n "
        "= read(...)) > 0), or a line of its own; and the third argument of read() and write()|the "
        "argument of recv(): read until the newline has come|how many bytes you read and write}",
        "length-compared.c",
        calls=("read", "write"),
    ),
    "pointer-size": Cause(
        "of each reply the first eight bytes come, however long the line is: so many has a pointer, "
        "and sizeof of a pointer is what write() was told",
        "the third argument of write() or send(): the number that read() has returned; sizeof buf is "
        "the buffer's size only where buf is an array, and never the line's",
        "writes-a-pointers-size.c",
        calls=("write",),
    ),
    "answers-unasked": Cause(
        "you write as soon as somebody connects, and never read what they say: for a client who asks at "
        "once, close() with its line unread destroys the answer (RFC 1122, 4.2.2.13)",
        "your {write(): before it, wait for the client's line and read() it|sendall(): before it, "
        "wait for the client's line in recv()|write: before it, wait for the client's line and read "
        "it} (slide 4); in an event loop{, poll() or select() tells when it has come|, select() or "
        "your selector tells when it has come| you are told when it has come}. If your exercise wants a "
        "service that nobody has to ask (daytime, RFC 867), 'forkspec learn' writes an assignment that "
        "says so",
        "answers-unasked.c",
        by_hand="`sleep 3 | timeout 9 nc 127.0.0.1 54321`: nothing may come, since nothing was said",
        calls=("write",),
    ),
    "capitalises-some": Cause(
        "you capitalise some letters only, or make small ones of capitals: {the first letter, "
        "say|capitalize() and title() do so|the first letter, say}; slide 4 capitalises all letters of "
        "the line, and slide 10 leaves all as they came",
        "{the loop around toupper(): over all bytes that read() has returned|upper(), in place of "
        "capitalize(), title() or swapcase()|what capitalises: it must be done to all letters of the "
        "line}",
        "capitalises-first.c",
        calls=("capitals",),
    ),
    "capitalises-all": Cause(
        "you take 32 from every byte, or clear that bit in it, to make a capital of it: only the "
        "letters from a to z have their capital there, and a blank becomes a NUL",
        "where you capitalise: {toupper((unsigned char)c), or if (c >= 'a' && c <= 'z') before you "
        "subtract|upper()|a test for a small letter, or the function of your language for it}",
        "subtracts-32.c",
        calls=("capitals",),
    ),
    "object-for-bytes": Cause(
        "you send what your language prints of an array of bytes, with its marks and numbers, and not "
        "the bytes",
        "what becomes of the line before you send it: {the bytes themselves|no str() of bytes, and no "
        "f-string; bytes.upper(), or decode() and encode()|no printing function for an array of bytes "
        "(in Go Write(), not Fprintln(); in Java new String(bytes))}",
        "repr-of-bytes.py",
    ),
    "nul-padding": Cause(
        "you write the whole buffer back, not only the bytes you have read",
        "{the last argument of write(): what read() returned|what you give to send(): what recv() "
        "returned, no more|how many bytes you write: as many as the read returned (in Java "
        "write(buffer, 0, n))}",
        "nul-padding.c",
        calls=("write",),
    ),
    "only-zeros": Cause(
        "as many bytes come as you mean to send, and each of them is zero: what you send is not "
        "where the line lies, or was cleared before",
        "{what is done to the buffer between read() and write(): memset() or bzero() after the "
        "reply, or before read()|what you send: what recv() has returned, and no buffer of its "
        "own|the buffer between reading and writing: in Java's NIO flip() must come before write(); "
        "and clear it after the reply}",
        "clears-before-write.c",
        calls=("read", "write"),
    ),
    "cr-before-newline": Cause(
        "your reply ends by a carriage return and a newline (\\r\\n), and the client's line by a "
        "newline alone",
        "what you put behind the reply: {'\\n'|b'\\n'|'\\n'} alone, or what the line itself ended by. "
        "Where \\r\\n is meant, it belongs into the assignment: line_ending",
        "cr-before-newline.c",
        calls=("write",),
    ),
    "wide-letters": Cause(
        "each letter of the reply comes as two bytes or four: you send it in UTF-16 or UTF-32, and the "
        "client reads a byte for a letter",
        "{what you write: chars of one byte, no wchar_t|what makes bytes of the reply: encode() without "
        "an argument, or what recv() has returned as it is|what writes the reply: bytes, in ISO 8859-1 "
        "or UTF-8 (Java's writeChars() sends two bytes for each letter: write(), print())}",
        "WritesChars.java",
        calls=("write",),
    ),
    "reply-twice": Cause(
        "the whole reply comes twice: you write it in two places, or {two processes do: what lies in "
        "the buffer of a FILE* when fork() is called lies there in both, and each writes it at its end|"
        "two processes or threads do|two processes or threads do}",
        "{each call of fork() with an open FILE* for the connection: fflush() before it, _exit() "
        "instead of exit() in who does not serve; and each|each|each} place at which you write to the "
        "client: one reply for one line",
        "reply-twice.c",
        calls=("fork", "write"),
    ),
    "reply-again": Cause(
        "you write the same reply again and again: the loop around {write()|send()|writing} sends all "
        "of it in each round, and has many rounds, or no end",
        "that loop: for one line there is one reply; {a loop around write() starts in each round behind "
        "the bytes that it has written, and ends when none are left|sendall() needs no loop|a loop "
        "around writing ends when nothing is left}",
        "writes-in-each-round.c",
        calls=("write",),
    ),
    "length-first": Cause(
        "before the reply you send how long it is: the lecture's client shows these bytes, too",
        "{what is written before the line: the line alone, to its newline|what you send: the line "
        "alone, without struct.pack() or to_bytes() before it|what writes the reply: its bytes "
        "alone, to the newline (Java's writeUTF() sends the length first: write(), print())}",
        "length-before-reply.py",
        calls=("write",),
    ),
    "last-byte": Cause(
        "your loop over the line stops one byte early",
        "the bound of the loop that capitalises",
        "last-byte-not-capitalised.c",
    ),
    "stale-bytes": Cause(
        "the length that you send is not that of the line: {strlen() counts up to the first NUL byte, "
        "and read() writes none behind the line, so that the end of an earlier, longer line comes "
        "too, and a line that holds a NUL is cut off there|behind a short line your buffer still "
        "holds the end of an earlier, longer one, and that comes too|behind a short line your buffer "
        "still holds the end of an earlier, longer one, and that comes too}",
        "the length that you send: {what read() returned, and not strlen(), in each loop and each "
        "write()|no more than recv() returned|no more than the read returned (in Java write(buffer, "
        "0, n))}",
        "stale-bytes.c",
        by_hand="`echo hello to everybody | nc 127.0.0.1 54321; echo hello | nc 127.0.0.1 54321`: the "
        "second reply must be its own line, and nothing of the first",
        calls=("write",),
    ),
    "answers-something-else": Cause(
        "the reply does not depend on the line: clients that said different things got the same reply",
        "what you send back: {the second argument of write() must be the buffer that read() filled, "
        "and the third what read() returned|it must be what recv() returned|it must be the line that "
        "you have read}, capitalised or not",
        "answers-something-else.c",
        calls=("write",),
    ),
}
