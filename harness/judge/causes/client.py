"""Causes behind what client/* can show. Their faults lie in `clients/faults/`."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "prompts-first": Cause(
        "you ask your user before you connect: the server sees nobody while they think",
        "the order of connect() and the prompt: tcpclient2 connects first (slides 6-8)",
        "tcpclient.cpp",
        calls=("connect", "read"),
    ),
    "never-connects": Cause(
        "your connect() does not reach 127.0.0.1, port 54321: the address or the port that it is given "
        "is another one, or its socket is none",
        "the address that you make, and {htons() for the|the|the} port (slide 6); what connect() was "
        "given is what strace shows below. Then what socket() returns{: -1 as slide 10 prints it, with "
        "SOCK_DGRAM and IPPROTO_TCP||}",
        "never-connects.c",
        calls=("connect",),
    ),
    "goes-on-unconnected": Cause(
        "connect() fails, and {you do not look at what it returns|you catch its error|you do not heed "
        "that}: your program asks its user, and has no connection",
        "{first why it fails: the socket (if (sock = socket(...) < 0) lacks two parentheses, and makes "
        "sock 0), the address, and the size of the struct, not of a pointer to it (connect(2)); then "
        "what connect() returns, with perror()|what connect() returns: the message of its error, and an "
        "exit|where connecting fails: the message of its error, and an exit}",
        "socket-compared.c",
        calls=("connect",),
    ),
    "wants-other-arguments": Cause(
        "your program wants other arguments than host and port: it was started with HOST PORT; HOST; "
        "PORT; none; PORT HOST; -p PORT; -h HOST -p PORT; --host HOST --port PORT; and with HOST and "
        "PORT as environment variables, and ended each time without a connection",
        "what your usage line asks for beside host and port: leave it out, or ask your user for it; if "
        "the assignment wants it, say how your program is started: run in the [submission] of a "
        "forkspec.toml",
        "wants-three-arguments.c",
    ),
    "many-connections": Cause(
        "you connect more than once: one line needs one connection",
        "the loop around connect(): leave it as soon as one connect() has succeeded",
        "five-connections.c",
        calls=("connect",),
    ),
    "sends-nul": Cause(
        "you send the string with its terminating NUL{: strlen() bytes are the line, strlen() + 1 "
        "are the NUL, too||}",
        "{the length that you give to write()|the bytes that you give to sendall()|the bytes that you "
        "send}",
        "sends-nul.c",
        calls=("write",),
    ),
    "sends-the-buffer": Cause(
        "you send the line, and behind it what stood in your buffer before{: the length is not strlen() "
        "of the line, but the size of the array (sizeof), or that of another string||}",
        "{the length that you give to write(): strlen(line)|the bytes that you give to sendall()|the "
        "bytes that you send}",
        "sends-the-buffer.c",
        calls=("write",),
    ),
    "sends-no-newline": Cause(
        "you send the line without its newline, and a server that waits for the end of the line waits "
        "for ever",
        "{where the newline goes: fgets() keeps it, scanf() and strtok() do not|input() takes the "
        'newline away: send (line + "\\n").encode()|what reads the line takes its newline away: send '
        "one with it}",
        "sends-no-newline.py",
        calls=("write",),
    ),
    "sends-first-word": Cause(
        "of the sentence that was typed you send the first word: what reads it stops at a blank",
        "{scanf() with %s (in C++ also cin >>) ends at a blank: fgets(), or std::getline()|what you do "
        "with the line: split() takes it apart|what reads the sentence: a whole line, and no word (in "
        "Java nextLine(), not next())}",
        "sends-first-word.c",
        calls=("read",),
    ),
    "sends-a-part": Cause(
        "you send only a part of the line{: the length is not the line's||}",
        "{the length that you give to write(), and what it returns|what you give to send(), and what it "
        "returns: sendall() sends all|what you send, and whether all of it is flushed}",
        "partial-write.c",
        calls=("write",),
    ),
    "reads-all-input": Cause(
        "your user has typed a line, and your program waits at its keyboard for more: it reads on to "
        "the end of the input (Ctrl-D), or asks again before it has sent the line",
        "what reads the line: {fgets() or getline() once, and not fread(), or a loop that ends at EOF "
        "only|input() or sys.stdin.readline() once, and not sys.stdin.read(), or a loop over sys.stdin|"
        "one line, and not the whole input}; and that it is sent before the next is read (slide 7)",
        "reads-all-input.py",
        calls=("read",),
    ),
    "sends-nothing": Cause(
        "the line never leaves your program: it reads from the server before it has sent anything, and "
        "this server sends nothing before it has a line{|; or the line stays in the buffer of a stream "
        "(makefile())|; or the line stays in the buffer of a stream}",
        "the order: first the line, and then what reads the reply{|; and where the line goes through a "
        "stream: flush() after it|; and where the line goes through a stream: a flush after it}",
        "reads-first.c",
        calls=("write", "read"),
    ),
    "line-in-stream": Cause(
        "the line never leaves your program: it stays in the buffer of a stream{ (fdopen())||}, and "
        "then your program waits for the reply",
        "{fflush() after you have written the line (fflush(3)), before you read|flush() after the "
        "line|a flush after the line}",
        "sends-nothing.c",
        calls=("write",),
    ),
    "error-in-client": Cause(
        "an error that nobody caught has ended your program; its own words name it",
        "the line at which the error was raised, and which value is wrong there{|: sendall() takes "
        "bytes and not a str, and behind a with block its socket is closed|: what is used there may be "
        "closed, or nothing, by then}",
        "sends-str.py",
    ),
    "writes-unconnected": Cause(
        "what you wrote did not go to the server, which was still there: your socket was not "
        "connected, or not any more",
        "{the first argument of write() or send(): the socket that connect() was called on; and no "
        "close() or shutdown() before it|the socket that you send on: the one that was connected; and "
        "no close() or shutdown() before it}",
        "two-sockets.c",
        calls=("write",),
    ),
    "shows-own-line": Cause(
        "you show the line that your user has typed, and not the reply",
        "what you print after {read(): the buffer that read() has filled|recv(): what it has "
        "returned|reading: what was read}",
        "shows-own-line.c",
        calls=("read",),
    ),
    "shows-before-reading": Cause(
        "all that you print comes before you read: the reply, which you do read, is shown to nobody",
        "the order: {read() or recv(), and then printf()|recv(), and then print()|read the reply, and "
        "then print it} (slide 7)",
        "shows-before-reading.c",
    ),
    "shows-object": Cause(
        "you show the reply as your language prints an array of bytes, with its marks and numbers, and "
        "not its text",
        "what you print: {fwrite(reply, 1, n, stdout)|reply.decode(), and not the bytes|a text made of "
        "the bytes (in Go string(reply), in Java new String(bytes))}",
        "shows-bytes.py",
    ),
    "sends-own-words": Cause(
        "what you send stands in your program: your user is to be asked for it",
        "where the bytes come from that you {give to write() or send()|give to sendall()|send}",
        "sends-own-words.c",
        calls=("write",),
    ),
    "never-reads": Cause(
        "nobody reads the reply: once the line is sent you close, or end, or shut the connection down "
        "for reading, too",
        "{read() between write() and close(), and before it no shutdown() but with SHUT_WR|recv() "
        "between sendall() and close(), and before it no shutdown() but with SHUT_WR|that you read "
        "after you have sent, and before you close or shut down}",
        "never-reads.c",
        calls=("write", "close"),
    ),
    "reply-stuck-in-stdio": Cause(
        "the reply stays in the buffer of {stdio|sys.stdout|your output}: nothing flushes it before the "
        "end",
        "the program's end: {exit() or return, and not _exit(), or fflush(stdout) before it (stdio(3))"
        "|sys.exit(), and not os._exit(), or print(..., flush=True) before it|a flush after you have "
        "printed the reply}",
        "reply-stuck.c",
        by_hand="in one window `nc -l 54321`; in another `./tcpclient localhost 54321 | cat`, type a "
        "line there, and HELLO, Enter into the first: the second must show HELLO (without the pipe a "
        "terminal shows each line at its end)",
    ),
    "reads-once": Cause(
        "you {read()|call recv()|read} once and show what came: the rest of the reply is left behind",
        "a loop around {read()|recv()|what reads}, to the newline or to the end (Stevens, UNIX Network "
        "Programming, section 3.9)",
        "reads-once.c",
        calls=("read",),
    ),
    "shows-each-piece": Cause(
        "you show each piece that {read()|recv()|a read} brings as a line of its own, and the reply "
        "falls apart",
        "{printf() with a newline, or puts(), in the loop|print() in the loop: it adds a newline|what "
        "prints in the loop, or in the handler: console.log() and println() add a newline}: gather the "
        "pieces to the newline or to the end, and show them then",
        "shows-each-piece.py",
        calls=("read",),
    ),
    "reads-what-is-closed": Cause(
        "you read the reply from a connection that you have closed yourself",
        "the order of {read() and close()|recv() and close(), or the end of a with block|reading and "
        "closing: in Java, to close one of its streams closes the socket}: to say that no more will "
        "come, {shutdown(sock, SHUT_WR)|sock.shutdown(socket.SHUT_WR)|close its writing half only}",
        "reads-what-is-closed.py",
        calls=("close", "read"),
    ),
    "shows-first-bytes": Cause(
        "of what each {read()|recv()|read} brings you show one byte{: in while (n = read(...) > 0) the"
        " > comes before the =, so that n becomes 1||}",
        "{every call whose result you assign and test at once: it needs two more parentheses, while ((n "
        "= read(...)) > 0), or a line of its own|the argument of recv(), and what you show|how much you "
        "read and show}",
        "length-compared.c",
        calls=("read",),
    ),
    "shows-what-was-there": Cause(
        "you show what came as a string, and no NUL stands behind it: what stood in your buffer before "
        "follows; and you {read()|call recv()|read} once",
        "{buffer[n] = 0 before printf(), or fwrite(buffer, 1, n, stdout); and a loop around read(), to"
        " the newline or to the end|how many bytes came, and a loop, to the newline or to the end}",
        "shows-what-was-there.c",
        calls=("read",),
    ),
    "fails-after-reply": Cause(
        "you show the reply, and then end with a status other than 0, which says that you have failed",
        "{what main() returns, or exit() gets,|what sys.exit() gets|what the exit gets} once the reply "
        "is shown: it must be 0; the end of the reply {(read() == 0) |(b'' from recv()) |}is no error",
        "fails-after-reply.c",
    ),
    "never-closes": Cause(
        "nobody closes the connection when the reply has come",
        "close() after the reply (slide 8)",
        "never-closes.c",
    ),
    "ignores-refusal": Cause(
        "{you do not look at what connect() returns|you catch the error of connect()|you do not heed "
        "that connecting fails}, and go on without a connection",
        "{the result of connect(): -1 is a message and exit(1)|where the error of connect() is caught:"
        " a message on sys.stderr, and sys.exit(1)|where connecting fails: a message, and an exit with"
        " status 1}",
        "ignores-refusal.c",
        calls=("connect",),
    ),
    "says-nothing": Cause(
        "when connect() fails, your program does not end with both: a message for its user, and a "
        "status other than 0",
        "{perror(), and exit(1)|print(..., file=sys.stderr), and sys.exit(1)|a message on standard "
        "error, and an exit with status 1}",
        "says-nothing.c",
        calls=("connect",),
    ),
    "loops-on-eof": Cause(
        '{read() returns 0|recv() returns b""|reading tells the end of the input} when the server has '
        "closed, and you read again",
        '{read() == 0 is the end (read(2))|what recv() returns: b"" is the end|what tells the end of '
        "the input where you read}",
        "loops-on-eof.c",
        calls=("read",),
    ),
    "client-dies-of-sigpipe": Cause(
        "writing to a server that has gone sends you SIGPIPE, which ends you without a word",
        "{MSG_NOSIGNAL with send(), or signal(SIGPIPE, SIG_IGN), and the result of write()|the handling "
        "of SIGPIPE: Python ignores it by itself, and sendall() raises BrokenPipeError|that SIGPIPE is "
        "ignored, and the error of what sends}",
        "client-dies-of-sigpipe.c",
        calls=("write",),
    ),
    "silent-about-eof": Cause(
        "the server left without a reply, and your user is not told",
        'what you do when {the first read() returns 0|the first recv() returns b""|there is nothing to '
        "read, and the input has ended}",
        "silent-about-eof.c",
        calls=("read",),
    ),
    "resends-for-ever": Cause(
        "the input has ended, and you go on{ with the old line: the result of fgets() is not looked "
        "at|: what readline() returns is not looked at|: nobody looks whether there was a line}",
        "{what fgets() or read() returns|that readline() returns an empty string, and input() raises "
        "EOFError,|what reading a line returns} at the end of input",
        "resends-for-ever.c",
        calls=("read",),
    ),
}
