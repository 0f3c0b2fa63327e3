"""Causes behind what stream/* can show."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "spins-on-goodbye": Cause(
        "{read() returns 0|recv() returns b''} when the client has gone, and you read again",
        "{treat read() == 0 as the end|treat b'' as the end}: leave the loop of this client, and "
        "{close(conn)|close}; a child then ends by {exit()|os._exit()|exit}",
        "spins-on-goodbye.c",
        calls=("read",),
    ),
    "end-before-line": Cause(
        "the line and the end of the input came together, and you heed the end alone: you close before "
        "you have read what came, or throw it away{||, or answer when the connection has been closed "
        "already}",
        "what you do when a client has ended its input{ (EPOLLRDHUP, POLLRDHUP, read() == 0)| "
        "(POLLRDHUP, b'')|}: read until nothing is left, answer the line, and only then close; one who "
        "has said all still reads (shutdown(2)){||; Node closes by itself unless createServer() is "
        "given allowHalfOpen: true}",
        "end-before-line.c",
        by_hand="`python3 -c \"from socket import *; s = create_connection(('127.0.0.1', 54321)); "
        "s.setsockopt(IPPROTO_TCP, TCP_CORK, 1); s.sendall(b'hello\\n'); s.shutdown(SHUT_WR); "
        'print(s.recv(99))"`: the reply must be shown',
        calls=("read", "close"),
    ),
    "goodbye-is-fatal": Cause(
        "a client left without a word, {read() returned 0|recv() returned b''|reading met the end of "
        "the input at once}, and you end the whole server for it",
        "what you do with {a read() that returns 0|b''|an input that is over}: close this connection "
        "alone, and go on; there is no line then that you could look into",
        "goodbye-is-fatal.c",
        by_hand="`nc -z 127.0.0.1 54321; sleep 1; echo hello | nc 127.0.0.1 54321`: the reply must come",
        calls=("read",),
    ),
    "child-waits-for-ever": Cause(
        "your child goes on waiting although {read() has returned 0|recv() has returned b''}",
        "{treat read() == 0 as the end: close(conn), and exit()|treat b'' as the end: close, and exit}",
        "child-waits-for-ever.c",
        calls=("read",),
    ),
    "zombie-on-goodbye": Cause(
        "you reap the children that have sent a reply, and not the others: you look at how a child "
        "has ended{ (waitid() with WNOWAIT, say)||}, and then decide whether to reap it",
        "{while (waitpid(-1, NULL, WNOHANG) > 0) takes every child that has ended|os.waitpid(-1, "
        "os.WNOHANG), until there is none, takes every child that has ended}; look at its status "
        "only afterwards",
        "zombie-on-goodbye.c",
        calls=("SIGCHLD", "wait"),
    ),
    "overflows-on-long-line": Cause(
        "a line longer than your buffer was written over what comes after it in memory",
        "the line that is named above, where one is, else the size that you pass to read(), and every "
        "copy of the line: none may be larger than the array it goes to",
        "overflows-on-long-line.c",
    ),
    "signed-char": Cause(
        "char is signed here: a byte from 0x80 on is a negative number, and what you look up by it lies "
        "outside the table",
        "(unsigned char) before a byte is used as an index, or passed to toupper() (toupper(3))",
        "table-of-chars.c",
        calls=("capitals",),
    ),
    "format-string": Cause(
        "the client's line is the format of your printf(), dprintf() or the like: each % in it asks "
        "for an argument that is not there, and what stands in your memory comes back; %s and %n can "
        "crash you",
        'the first argument behind the stream or descriptor: "%s" there, and the line behind it; '
        "write() needs no format at all (printf(3), BUGS)",
        "format-string.c",
        by_hand="`echo 'a %X b' | nc 127.0.0.1 54321`: a %X b must come back, or its capitals",
    ),
    "strlen-on-data": Cause(
        "{you measure what you have read by strlen(), which stops at the first NUL byte|what you have "
        "read ends at its first NUL byte for you}",
        "{the length: what read() returned, in each loop and each write()|the bytes as recv() "
        "returned them}",
        "strlen-on-data.c",
        calls=("strlen",),
    ),
    "decodes": Cause(
        "you decode the line as text, and these bytes are not text in that encoding",
        "work with bytes, which need no decoding{|: bytes.upper()|}, and change only those from a to z",
        "decodes-ascii.py",
        calls=("decode",),
    ),
    "error-kept-in-silence": Cause(
        "the bytes of this line, which are no text, have raised an error in a task of a pool, where it "
        "becomes a string: submit() keeps an error until somebody asks its Future for the result, and "
        "so nobody hears of it; the client gets no reply, and its connection stays open",
        "where the line becomes a string: work with its bytes{|: bytes.upper()|}. And in the task "
        "itself close in every case{| (with conn:)| (try-with-resources)}, and report what is caught",
        "kept-in-silence.py",
        calls=("decode",),
    ),
    "closes-on-no-text": Cause(
        "you read the line as text: where its bytes are no text in UTF-8 you close the connection "
        "without a word",
        "where the line becomes a string: work with its bytes, which need no decoding"
        "{|: bytes.upper()| (in Rust read_until(), not read_line())}",
        "closes-on-no-text.c",
        calls=("decode", "read"),
    ),
    "replaces-bytes": Cause(
        "you make text of the bytes that you have read, and bytes of it again: a byte that is no text "
        "in your encoding comes back as other bytes ('?', or U+FFFD, which is EF BF BD in UTF-8)",
        "where the line becomes a string: work with its bytes, and change only those from a to z",
        "replaces-bytes.js",
        calls=("decode",),
    ),
    "another-encoding": Cause(
        "you decode the line as Latin-1 and encode the reply as UTF-8: each byte from 0x80 on comes "
        "back as two",
        "where the string becomes bytes again: the encoding that decoded it{|, .encode('latin-1')|}; or "
        "work with bytes, which need none",
        "encodes-otherwise.py",
        calls=("encode", "decode"),
    ),
    "strips-blanks": Cause(
        "you take off the blanks at the line's ends, and not its newline alone {(a loop over "
        "isspace())|(strip())|(strip, trim)}",
        "take off the newline and nothing else{|: removesuffix(b'\\n')|}; the contract's reply is the "
        "line, blanks and all",
        "strips-blanks.py",
    ),
    "ends-at-cr": Cause(
        "a CR ends the line for you, as a newline does: what stands behind it is not read, or is "
        "another line for you",
        "{what you compare each byte with: '\\n' alone ends a line|what reads the line: of bytes, up "
        "to b'\\n'; text mode (makefile('r') without newline='\\n', splitlines()) ends it at a CR, "
        "too|what reads the line: up to the newline and nothing else (Java's readLine(), Node's "
        "readline, PHP's PHP_NORMAL_READ end it at a CR, too)}",
        "ends-at-cr.php",
        calls=("read",),
    ),
    "long-line-forgotten": Cause(
        "a line that is too long for you is given up, and its connection is not: nobody answers it, "
        "nobody ends it, and its client waits for ever",
        "{where the line does not fit: close(conn) there, too|what reads the line: asyncio's "
        "readline() raises ValueError beyond 64 KiB (start_server(..., limit=)); writer.close() "
        "belongs into a finally|where reading gives up: close the connection there, too}",
        "forgets-too-long.c",
        by_hand="`(head -c 200000 /dev/zero | tr '\\0' x; echo) | timeout 9 nc 127.0.0.1 54321 "
        ">/dev/null && echo it ended`: it must say so, and before 9 s are over",
        calls=("read",),
    ),
    "drops-nul": Cause(
        "NUL bytes (0x00) do not come back: your program takes them out of the line",
        "{what copies the line: NUL is a byte as any other; how many there are says read()|each "
        "replace() and strip() of b'\\0': leave it out|what takes NUL out of the line (delete, tr): "
        "leave it out; in a shell no variable can hold one}",
        "drops-nul.py",
        calls=("read",),
    ),
    "not-watched-again": Cause(
        "your loop has read the first piece of the line, and sleeps while the rest lies there: since "
        "then it does not watch this connection any more",
        "{EPOLLONESHOT tells once, and then nothing until epoll_ctl(..., EPOLL_CTL_MOD, ...): leave it "
        "out, or renew it after each read (epoll(7)). And FD_CLR(), or what takes an entry out of "
        "poll()'s array: only where you close|what you unregister: a connection only where you close "
        "it|what takes a connection out of what the loop waits for: only where it is closed, and a "
        "watch that tells once must be renewed after each read}",
        "oneshot-not-renewed.c",
        calls=("watch",),
    ),
    "reads-once-per-edge": Cause(
        "epoll tells you once of what has come (EPOLLET), and you read only a part of it: the rest lies "
        "there, and your loop sleeps until more comes",
        "where you read: again and again, until it fails with EAGAIN, on a non-blocking socket; or no "
        "EPOLLET for connections (epoll(7))",
        "reads-once-per-edge.c",
        calls=("read",),
    ),
    "latin-1-capitals": Cause(
        "you capitalise characters of Latin-1, not bytes: the capitals of 0xB5, 0xDF and 0xFF are no "
        "single characters of Latin-1",
        "where you capitalise: change only the bytes from a to z",
        "latin-1-capitals.py",
        calls=("capitals",),
    ),
    "waits-for-newline": Cause(
        "the input has ended without a newline, and you neither answer nor close: your program sleeps, "
        "and nothing that this client does can wake it",
        "treat {read() == 0|b'' from recv()|the end of the input} as the end also in mid-line: "
        "answer what you have, or close",
        "waits-for-newline.c",
        calls=("read",),
    ),
    "char-for-eof": Cause(
        "you take the byte 0xFF for the end of the input: {what getc() returns|the byte that was read|"
        "what read() returns} is kept in a {char|single byte|single byte}, and there 0xFF is -1{, which "
        "is EOF||, as the end of the input is}",
        "{int c, and not char c, for what getc(), fgetc() or std::istream::get() returns|what the byte "
        "is compared with|an int, and no byte, for what read() returns}",
        "char-for-eof.c",
        calls=("read",),
    ),
    "sends-beyond": Cause(
        "you write more bytes than your reply has: behind its end your client is sent what happens to "
        "lie there in memory",
        "the length that you give to write(), and the size of what you write{: snprintf() returns how "
        "long its text would have been, and not what fitted (snprintf(3)); what read() returned is the "
        "length of that buffer, and not of a smaller one to which you copy||}",
        "sends-beyond.c",
        calls=("write",),
    ),
    "spins-on-half-close": Cause(
        "{read() returns 0|recv() returns b''|a read returns nothing} at the end of the input, and "
        "you read again and again for the newline",
        "treat {read() == 0|b'' from recv()|the end of the input} as the end also in mid-line: "
        "answer what you have, or close",
        "spins-on-half-close.c",
        calls=("read",),
        beside={"stream/silent-goodbye": "Here a client left before it had sent anything."},
    ),
    "floods-on-half-close": Cause(
        "{read() returns 0|recv() returns b''} at the end of the input, and you write what is in "
        "your buffer once more, and again without end",
        "treat {read() == 0|b'' from recv()} as the end: write nothing then, and close",
        "floods-on-half-close.c",
        calls=("read", "write"),
    ),
    "one-read-one-line": Cause(
        "you take what one {read()|recv()|read} returns for the whole line, or the whole request",
        "a loop around {read()|recv()|the read} until a newline has come, or {read() returns 0|recv() "
        "returns b''|the input ends}; slide 10 reads once",
        "one-read-one-line.c",
        calls=("read",),
    ),
    "keeps-last-piece": Cause(
        "what has come of a line is thrown away when the next piece comes: you look at each piece by "
        "itself, or read it to where the one before stood, and answer the one that ends in a newline",
        "keep all that has come until the newline is there, for each client apart: "
        "{read(conn, line + have, sizeof line - have) and have += n|data += conn.recv(4096), or in a "
        "Protocol self.data += data|append each piece to the ones before}",
        "keeps-last-piece.c",
        calls=("read",),
    ),
    "rest-not-watched": Cause(
        "what {write() or send()|send()|a write} did not take at once (EAGAIN) is kept, and never "
        "written: your loop sleeps until something comes from clients, and nothing tells it that this "
        "socket takes more",
        "where a part is left: watch this socket for writing, too ({POLLOUT, EPOLLOUT by epoll_ctl() "
        "with EPOLL_CTL_MOD, or the second set of select()|EVENT_WRITE by modify(), or the second list "
        "of select()|the event for writing}), and no longer once all is written",
        "rest-not-watched.c",
        calls=("write", "poll"),
    ),
    "partial-write": Cause(
        "you {call write() or send()|call send()|write} once and do not look at what it returns: "
        "where it may not wait ({O_NONBLOCK, MSG_DONTWAIT, SO_SNDTIMEO|setblocking(False), "
        "settimeout()|a channel that does not block}) it takes what fits into the socket's buffer, "
        "and the rest is lost{|. Or, in asyncio, you end the connection by abort(), which throws away "
        "what its transport has not sent yet|. Or, in Node, you end it by destroy(), which throws away "
        "what has not been sent yet}",
        "{a loop around write() until all is taken; on EAGAIN wait with poll() (write(2), RETURN "
        "VALUE)|sendall() on a blocking socket; else keep the rest until select() says that the "
        "socket takes more; in asyncio close() for abort()|keep the rest, and write again when the "
        "socket takes more}",
        "partial-write.c",
        calls=("write",),
    ),
    "joined-line-lost": Cause(
        "you look for the first newline in what {read()|recv()|a read} returned, and forget what came "
        "after it",
        "keep what comes after the newline: move it to the front of the buffer, and look for a "
        "newline there before you read again",
        "joined-line-lost.c",
        calls=("read",),
    ),
    "joined-line-waits": Cause(
        "the next line is in your own buffer already ({fgets() reads|readline() reads|what reads a "
        "line reads} ahead), and you wait until {select() or poll() reports|select() or your selector "
        "reports|you are told of} more from the client",
        "take line after line out of the buffer until none is whole, and only then wait again",
        "joined-line-waits.py",
        calls=("poll", "read"),
    ),
}
