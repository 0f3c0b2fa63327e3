"""Causes behind what service/* can show."""

from typing import Final

from .cause import ASK_LATE, ASK_ONCE, Cause
from .fork import TOLD_APART

CAUSES: Final[dict[str, Cause]] = {
    "accepts-on-wrong-socket": Cause(
        "nobody is let in: no accept() of yours is called on the socket that listens",
        "the {first argument of accept()|socket that you call accept() on|socket that accepts}: the one "
        "that listen() was called on (slide 3)",
        "accepts-on-wrong-socket.c",
        by_hand=ASK_ONCE,
        calls=("listen", "accept"),
    ),
    "never-gets-to-accept": Cause(
        "nobody is let in: your program runs without rest, in a loop that does not come to accept()",
        "the loop in which it runs, and what is to end it: accept() sleeps until a client comes, and "
        "needs no loop that asks again and again{|; in asyncio nothing else runs until you await}",
        "busy-before-accept.c",
        by_hand=ASK_ONCE,
        calls=("accept",),
    ),
    "waits-for-keyboard": Cause(
        "your server waits for its own keyboard while a client waits for the reply: it reads from "
        "standard input {(scanf(), fgets())|(input(), sys.stdin)|}, and nobody sits at a server",
        "where you read from standard input: the reply is made from the line that the client has sent "
        "(slide 4). A talk between two keyboards is another exercise, and cannot be judged",
        "types-its-replies.c",
        by_hand=ASK_ONCE,
    ),
    "reads-on": Cause(
        "your server has read the line and reads on, and wrote nothing back: it writes only when "
        "something else has come (other words, more bytes, the end of the input, what somebody types "
        "at the server), or never",
        "the way from {read() to write()|recv() to sendall()|reading to writing}: what must have come "
        "before it writes? The newline ends a line (slide 4). Where other words are meant, they belong "
        "into the assignment: [dialogue]",
        "reads-on.c",
        by_hand=ASK_ONCE,
        calls=("read", "write"),
    ),
    "never-woken": Cause(
        "the thread that has read the line sleeps: it waits for a lock, or for another thread to wake "
        "it (a condition, a semaphore, a queue, a join), and nobody does so",
        "who wakes it: {pthread_cond_signal() for the very condition that it waits for, under the same "
        "lock, after each change that it waits for; and a thread that holds a lock cannot take it once "
        "more (pthread_cond_wait(3p))|notify(), set() or put() on the very condition, event or queue "
        "that it waits for; and who holds a Lock cannot take it once more|the one who is to wake it "
        "must do so at the very lock, condition or queue at which it waits}",
        "wakes-another.c",
        by_hand=ASK_ONCE,
        calls=("lock", "thread"),
    ),
    "never-awaited": Cause(
        "you call a coroutine (async def), and nobody awaits it: a call alone runs nothing of it, and "
        "Python says so",
        "the line that Python names: await in front of the call, or asyncio.create_task() around it",
        "never-awaited.py",
    ),
    "error-in-service": Cause(
        "an error, which your program's own words name, has ended what served this client before it "
        "wrote the reply",
        "the line at which the error was raised, and which value is wrong there{|: sendall() takes "
        "bytes and not a str, recv() returns bytes, and the args of a Thread are a tuple, (conn,)}",
        "text-for-bytes.py",
    ),
    "expects-own-form": Cause(
        "your server does not read a line: what it calls expects another form, with a length, a header "
        "or an object in front{| (pickle, struct, json)| (in Java readUTF() and readObject())}, and "
        "takes the first letters of the line for that",
        "what reads from the client: {read() up to the newline|makefile().readline()|a call that reads "
        "a line (in Java BufferedReader.readLine()), and for the reply one that writes its bytes alone} "
        "(slide 4)",
        "expects-pickle.py",
        calls=("read",),
    ),
    "error-ends-server": Cause(
        "an error that nobody caught has ended your server; its own words name it. What happens with "
        "one client must not end the service for all others",
        "the line at which the error was raised; and the loop around accept(): what serves one client "
        "may fail, and then this connection alone is closed",
        "entry-missing.js",
    ),
    "thread-not-detached": Cause(
        "the object of a thread (std::thread) is destroyed, or gets another thread, before join() or "
        "detach() was called on it: C++ ends the whole program for that (std::terminate())",
        "the line after the thread's start: detach() lets it run on by itself, and the loop goes back "
        "to accept() at once (slide 9); join() would wait there for this client",
        "thread-not-detached.cpp",
        calls=("thread",),
    ),
    "selected-key-stays": Cause(
        "your loop over selectedKeys() meets a key again that it has dealt with: select() adds keys to "
        "this set and takes none out, and for the old key of the listening socket accept() returns null",
        "the loop over selectedKeys(): an iterator, and remove() after each next() (Selector)",
        "SelectedKeyStays.java",
    ),
    "accept-arguments": Cause(
        "accept() {fails when a client has come: its third argument is no pointer to a length, or the "
        "length is wrong (EFAULT, EINVAL)|fails when a client has come|fails when a client has come}",
        "the arguments of accept(): the address of a socklen_t, which holds the size of the address "
        "(socklen_t calen = sizeof(clientaddr); accept(sock, ..., &calen)), or NULL, NULL (accept(2))",
        "accept-length.c",
        calls=("accept",),
    ),
    "no-buffer": Cause(
        "read() or write() failed on the connection with EFAULT: what it was told as its buffer is no "
        "memory of your program",
        "the arguments of read() and write(): the connection, the buffer, a number of bytes, in this "
        "order; and where the buffer is a pointer, that it points to something: an array, or what "
        "malloc() has returned (read(2))",
        "arguments-swapped.c",
        by_hand=ASK_ONCE,
        calls=("read", "write"),
    ),
    "reads-too-early": Cause(
        "the connection does not block, and {read()|recv()|a read} returned at once, before the client "
        "had said anything ({-1 with |BlockingIOError, |}EAGAIN); {you take that for the end of the "
        "client|nobody catches that, or it is taken for the client's end|nobody catches that, or it is "
        "taken for the client's end}",
        "{where it is made so: fcntl(..., O_NONBLOCK), accept4(..., SOCK_NONBLOCK): leave it out where "
        "a child or a thread serves one client|setblocking(False), settimeout(0): leave it out where a "
        "process or a thread serves one client|where the connection is made non-blocking, or read by a "
        "call that does not wait (Ruby's read_nonblock): leave it out where a task serves one client}; "
        "in an event loop wait until something has come, and then read",
        "reads-too-early.c",
        by_hand=f"{ASK_LATE}, also to one who does not speak at once",
        calls=("nonblocking", "read"),
    ),
    "closes-too-early": Cause(
        "a close() of the connection comes too early, before the line is answered: the next call on it "
        "fails, since nothing is open at that number any more (EBADF)",
        "which close() runs before the reply is sent: it must stand after it. Who serves the client "
        "closes after the reply; a parent closes its copy after fork() (slide 12){C++:; an object that "
        "closes in its destructor must not be copied}",
        "closes-before-write.c",
        by_hand=ASK_LATE,
        calls=("close",),
    ),
    "shuts-down-early": Cause(
        "shutdown() was called before the reply was written: it ends the connection for all who have it "
        "open, also for the child; close() ends it for the one who calls",
        "each shutdown(): in the parent close(conn) alone (slide 12); in whoever serves after the "
        "reply, or not at all (shutdown(2))",
        "parent-shuts-down.c",
        by_hand=ASK_LATE,
        calls=("shutdown",),
    ),
    "writes-elsewhere": Cause(
        "the line was read, and what your program then wrote did not go to this client: it went to "
        "another descriptor than the one that accept() returned",
        "{the first argument of write() or send(): conn, and not sock; printf() and puts() write to "
        "your own terminal|what sends the reply: conn.sendall(), and not print() or another socket|what "
        "writes the reply: the connection, and not your own terminal}",
        "writes-to-listener.c",
        calls=("accept", "write"),
    ),
    "dup2-reversed": Cause(
        "dup2() has put your own terminal in the connection's place: its first argument is what there "
        "is, its second what is to become a copy of it",
        "dup2(conn, 0) and dup2(conn, 1), and not dup2(0, conn) (dup2(2))",
        "dup2-reversed.c",
        calls=("dup2",),
    ),
    "writes-nothing": Cause(
        "write() was called with a length of 0: it writes nothing, and that is no error",
        "the length that you give to write(): what read() returned. strlen() is 0 where the buffer "
        "begins with a NUL byte, as it does after memset() or bzero()",
        "writes-nothing.c",
        calls=("write",),
    ),
    "ends-without-a-word": Cause(
        "the line was read and the connection ended, and nothing was written to it: {write() was not "
        "reached|sendall() was not reached, or the reply stayed in the buffer of makefile(), which "
        "nobody flushed|what writes was not reached, or came after the connection's end, or the reply "
        "stayed in a buffer that nobody flushed}",
        "the way from {read() to write()|recv() to sendall()|reading to writing}: each condition on "
        "it{|; and after writing to what makefile() returned: flush(). An error in a task of a pool is "
        "kept in silence until somebody asks submit()'s Future for its result()|; a flush after "
        "writing; and what ends the connection: after that}",
        "answers-no-small-letter.c",
        by_hand=ASK_ONCE,
        calls=("read", "write"),
    ),
    "reads-standard-input": Cause(
        "your program calls read() on its standard input, and not on the connection{: in if (conn = "
        "accept(...) < 0) the < comes before the =, so that conn becomes 0 or 1, which is no "
        "connection||}",
        "{every call whose result you assign and test at once: it needs two more parentheses, if ((conn "
        "= accept(...)) < 0), or a line of its own; and the first argument of read()|what you read "
        "from: conn.recv(), and not input() or sys.stdin|what you read from: it must be the connection}",
        "connection-compared.c",
        calls=("accept", "read"),
    ),
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
    "reply-in-stream": Cause(
        "the line was read and the connection ended, and nothing was sent: your reply stayed in the "
        "buffer of a stream (fdopen()) that nobody flushed; _exit() and close() do not",
        "after you have written to the stream: fflush(), or fclose() in place of close() (stdio(3))",
        "ends-without-a-word.c",
        calls=("stream",),
    ),
    "listener-unwatched": Cause(
        "nobody is let in: poll() or select(), in which your server sleeps, does not watch the socket "
        "that listens",
        "{what you give to poll() or select(): the socket that listen() was called on, with POLLIN or "
        "in the set for reading, FD_ZERO() before FD_SET(), and as select()'s first argument the "
        "highest descriptor + 1|the list for reading that you give to "
        "select(), or what you register: the socket that listen() was called on|what the loop waits "
        "for: the socket that listens must be among it}",
        "empties-its-set.c",
        by_hand=ASK_ONCE,
        calls=("poll", "watch"),
    ),
    "child-removes-listener": Cause(
        "your child takes the listening socket out of the epoll that it shares with your parent: after "
        "fork() both have the same one, and from then on your parent hears of no client",
        "what the child does first: {close() its copies of the listening socket and of the epoll, and "
        "no epoll_ctl(..., EPOLL_CTL_DEL, ...)|close() the listening socket and the selector, and no "
        "unregister(): the selector is an epoll|close its copies, and take nothing out of the epoll} "
        "(epoll(7))",
        "child-removes-listener.c",
        calls=("fork", "watch"),
    ),
    "listener-lost": Cause(
        "since one client has been served your loop sleeps in {select(), poll() or epoll_wait()|"
        "select() or your selector|the call in which it sleeps}, and the listening socket is no longer "
        "among what it waits for",
        "{select() takes out of its sets what was not ready: give it a copy of yours each time "
        "(select(2)). And where a client is done with, take out|where a client is done with, take out "
        "(remove(), unregister())|where a client is done with, take out} its connection, and never the "
        "listening socket",
        "select-without-copy.c",
        calls=("poll", "watch"),
    ),
    "both-accept": Cause(
        "after fork() parent and child both do the parent's part: both close this connection and go "
        "back to accept(), and nobody serves",
        TOLD_APART,
        "both-accept.c",
        by_hand=ASK_ONCE,
        calls=("fork",),
    ),
    "calls-thread-function": Cause(
        "you call the function that the thread is to run, and give pthread_create() what it returns: "
        "the call serves the first client, and then a thread begins at no function",
        "the third argument of pthread_create(): the name of the function, without parentheses; the "
        "fourth is its argument (pthread_create(3))",
        "calls-thread-function.c",
        calls=("thread",),
    ),
    "reads-from-listener": Cause(
        "the connection was ended before the client had said anything: nothing waited for its line. As "
        "a rule {read() was called|recv() was called|reading was tried} on another socket than the one "
        "that accept() returned, or not at all; on the listening socket it {returns -1|fails|fails} at "
        "once (ENOTCONN)",
        "the {first argument of read()|socket that you call recv() on|socket that you read from}: what "
        "accept() returned, not the listening socket (slide 3); and that it is called before "
        "close(){C++:, also before one in "
        "the destructor of an object that was copied}",
        "reads-from-listener.c",
        by_hand=f"{ASK_LATE}, also to one who does not speak at once",
        calls=("accept", "read"),
    ),
    "not-watched": Cause(
        "your loop sleeps, and this client's line has come: {select() or poll() is|select() or your "
        "selector is|the call in which it sleeps is} not told to watch this connection",
        "{the first argument of select(), the highest descriptor + 1; and after accept() FD_SET() "
        "into the set that is given to select(), or a new entry with POLLIN, or EPOLL_CTL_ADD with "
        "EPOLLIN|after accept(): the connection must be in the list that select() is given, or be "
        "registered for EVENT_READ|after accepting: each connection must be registered for reading}",
        "not-watched.c",
        calls=("poll", "watch"),
    ),
    "accepts-before-reading": Cause(
        "this client's line has come, and your server waits in accept() for the next client: it does "
        "not read before more clients have come, or never reads",
        "what follows accept(): give this connection to a task of its own (slide 9), or read from it "
        "before you accept the next; and close it in the end",
        "two-before-one.c",
        by_hand=ASK_ONCE,
        calls=("accept", "read"),
    ),
    "pointer-size": Cause(
        "of each reply the first eight bytes come, however long the line is: so many has a pointer, "
        "and sizeof of a pointer is what write() was told",
        "the third argument of write() or send(): the number that read() has returned; sizeof buf is "
        "the buffer's size only where buf is an array, and never the line's",
        "writes-a-pointers-size.c",
        calls=("write",),
    ),
    "resets-when-done": Cause(
        "the whole line was answered, and then the connection was reset: the socket has SO_LINGER with "
        "a time of 0, which makes close() a reset and throws away what is still on its way; or the line "
        "was only looked at (MSG_PEEK), and lies unread when close() comes",
        "{setsockopt(..., SO_LINGER, ...)|setsockopt() with SO_LINGER|where SO_LINGER is set}: leave "
        "it out, and no other option (socket(7)); and MSG_PEEK: what it showed is still to be read",
        "resets-when-done.c",
        calls=("setsockopt",),
    ),
    "line-left-unread": Cause(
        "{read()|recv()|what reads} took only a part of what the client had sent, and then the "
        "connection was closed, without a reply: where bytes are left unread, close() resets it (RST)",
        "{the third argument of read(): the size of the buffer, not of a pointer to it; and|the "
        "argument of recv(), and|how many bytes are read, and} that the newline is waited for: a line "
        "may come in several pieces",
        "reads-eight-bytes.c",
        by_hand="`echo hello, and some more | nc 127.0.0.1 54321`: the reply must come",
        calls=("read",),
    ),
    "closes-for-thread": Cause(
        "the connection is closed before its thread has answered, which then cannot write any more: the "
        "thread that accepts calls close() on it, as a parent does after fork(); but threads share "
        "their descriptors",
        "close() in the thread that accepts: leave it out, and let the thread that serves close "
        "(slide 12 is about processes)",
        "closes-for-thread.c",
        by_hand=ASK_LATE,
        calls=("close", "thread"),
    ),
    "read-interrupted": Cause(
        "your server starts a process when a client comes (system(), popen() or fork()), and itself "
        "goes on to read from the client; when that process exits, SIGCHLD interrupts this read(), "
        "which returns -1 with EINTR, and you take that for the end of the client",
        "at read(): if (rx < 0 && errno == EINTR) read again; or install the handler by sigaction() "
        "with SA_RESTART (sigaction(2))",
        "read-interrupted.c",
        by_hand=f"{ASK_LATE}, also to one who does not speak at once",
        calls=("read",),
    ),
    "throws-out-silent": Cause(
        "your server disconnects a client that is slow to type: a time limit ends its connection "
        "({of the call in which it waited: the last argument of poll(), SO_RCVTIMEO for read(); or "
        "alarm()|settimeout(), a time limit of select() or wait_for()|setTimeout() in Node, "
        "setSoTimeout() in Java, a deadline})",
        "where the limit is set: take it away, or make it long enough for a person at a keyboard "
        "(slide 8); or {call read() again|read again|read again} when it has run out",
        "throws-out-silent.c",
        by_hand="`(sleep 3; echo hello) | nc 127.0.0.1 54321`: the reply must come, also to one who "
        "is slow to type",
        calls=("limit",),
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
    "one-shot": Cause(
        "your program serves one client, and then it is over: it ended by itself, with status 0",
        "a loop around accept() and all that follows it (slide 10, for()); then a task for each "
        "client (slide 9), or the next waits for the one before",
        "one-shot.c",
        calls=("accept",),
    ),
    "thread-ends-program": Cause(
        "you start a thread for each client, and the first that is done ends the whole program: "
        "{exit()|os._exit()|an exit (System.exit(), process::exit())} is for all threads of a process",
        "the end of what the thread runs: {return NULL, or pthread_exit(NULL), and not exit()|return, "
        "and not os._exit()|return, and no exit}; the exit(0) of slide 10 is a child's",
        "thread-ends-program.c",
        calls=("exit",),
    ),
    "wants-tls": Cause(
        "your server speaks TLS, and these clients speak plainly",
        "what wraps the connection in TLS ({SSL_accept()|SSLContext.wrap_socket()|tls.createServer(),"
        " SSLServerSocket and the like}): the contract is a plain line; leave it out, or let the server "
        "be started without it, and judge that",
        "wants-tls.py",
    ),
    "dies-after-first": Cause(
        "your server crashes when its second client comes: what it keeps from the first one, or "
        "changes for it, is used wrongly",
        "the line where it crashed{ (gcc -g -fsanitize=address tells it)|}: {which pointer is NULL or "
        "not valid there|which value is missing or wrong there|which value is missing or wrong "
        "there}, and where was it set? what is different from the first time?",
        "dies-after-first.c",
    ),
    "writes-after-goodbye": Cause(
        "your server went on writing to a client that had left, and the signal SIGPIPE, which comes "
        "then, has ended it: {read() had returned 0|the input had ended}, and what followed took no "
        "notice",
        "what {read() returns: 0 is the client's end. There|reading tells at the client's end: there} "
        "leave the loop of this client{ and close(conn)|, and close}; and ignore SIGPIPE{: "
        "signal(SIGPIPE, SIG_IGN)|}, since a client may also leave while you write",
        "writes-after-goodbye.c",
        calls=("read", "write"),
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
    "kills-own-group": Cause(
        "a signal has ended your server that nobody but your own program sends here, and no handler "
        "takes: kill(getppid(), ...) is for the parent, kill(0, ...) for all processes of your group, "
        "the one that calls it included, and kill(-1, ...) for every process that you have",
        "each {kill()|os.kill() and os.killpg()|kill}: that its first argument is the pid of a child, "
        "as fork() has returned it in the parent, and not 0, which a variable is before anything was "
        "put into it (kill(2)){; and that no child comes to it: exit() runs there, too, what you gave "
        "to atexit() before fork(), and _exit() does not||}",
        "kills-own-group.c",
        calls=("kill",),
    ),
    "workers-end": Cause(
        "each of the workers that you start in advance serves one client and ends, and none is started "
        "in its place: when all have ended nobody serves",
        "in each worker: a loop around accept() and all that follows it, which it never leaves (slide "
        "10, for()); or a child for each client, after accept() (slides 9-13)",
        "workers-serve-once.c",
        calls=("accept",),
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
    "keeps-connection": Cause(
        "when {read() returns 0|recv() returns b''|the input ends} you leave the loop without "
        "closing: the connection stays, and with it a descriptor, for each client that has gone",
        "{close(conn)|conn.close()} on every path out, also after {read() has returned 0|recv() has "
        "returned b''|the end of the input}",
        "keeps-connection-after-goodbye.c",
        by_hand="`for i in 1 2 3; do (echo hello; sleep 1) | timeout 2 nc 127.0.0.1 54321; done; ss "
        "-tn state close-wait 'sport = :54321'`: nothing may stand below the heading",
        calls=("accept", "close"),
    ),
    "reads-after-reply": Cause(
        "after its reply your program reads from the client once more, and waits until the client says "
        "more or closes",
        "the loop around {read()|recv()|the read}: leave it after the reply, and then "
        "{close(conn)|conn.close()|close the connection} (slide 10)",
        "waits-for-client-to-close.c",
        calls=("read",),
    ),
    "passer-keeps-connection": Cause(
        "your process that accepts gives the connection to another one, which serves the client and "
        "closes it; but the first one keeps its own copy open, and the client sees no end while any "
        "copy is open",
        "in the process that accepts: {close(conn)|conn.close()|close the connection} after it has been "
        "passed on (after sendmsg()), as a parent does after fork() (slide 12)",
        "keeps-what-it-passes.py",
        calls=("accept", "close"),
    ),
    "pool-has-a-copy": Cause(
        "you start your pool of processes when the first client is connected already: each of them has "
        "a copy of its connection, which it never closes, and the client sees no end while anybody has "
        "one",
        "{where you fork the pool: before the loop of accept(), or close(conn) in each of its "
        "processes, first of all|where the pool is made: a ProcessPoolExecutor forks its processes at "
        "the first submit(), so submit something before the loop of accept(), or take "
        "mp_context=get_context('forkserver'); a Pool() is made before that loop, too|where the pool is "
        "made: before the loop that accepts clients}",
        "pool-has-a-copy.py",
        calls=("fork", "close"),
    ),
    "forgets-close": Cause(
        "nobody closes this client's connection after the reply",
        "{close(conn)|conn.close()} after the reply (slide 10), in whoever serves the client, on "
        "every path{; and then, in a child, exit()|. A file from conn.makefile() keeps the connection "
        "open, too: close it as well, and keep it in no list or dictionary|}",
        "thread-forgets-close.c",
        calls=("accept", "close"),
    ),
    "parent-closes-listener": Cause(
        "after the first client nobody holds the listening socket: your parent closes it too",
        "which descriptor the parent closes after fork(): conn, not sock; and what is assigned to "
        "sock: what accept() returns is another socket, and belongs into another variable",
        "parent-closes-listener.c",
        calls=("fork", "close"),
    ),
    "listener-shut-down": Cause(
        "the socket has stopped listening when the first child ended: the child calls shutdown() on "
        "it, which is no matter of its own descriptor as close() is, but ends it for your parent, too",
        "what runs when the child ends: {exit() calls what atexit() was told{C++:, a return runs "
        "destructors}|an __exit__() or a finally|what is run on leaving}. There close the listening "
        "socket, and shut nothing down; and close it in the child first of all (slide 12)",
        "shuts-listener-down.c",
    ),
    "closes-with-unread": Cause(
        "you close a connection while the rest of a long line is still unread; slide 10 has the same "
        "fault",
        "read up to the newline, however long the line, and then answer; or, if you want to cut or "
        "refuse long lines, read and throw away up to the newline before close() (not only what has "
        "come by then)",
        "closes-with-unread.c",
        from_slide=True,
        calls=("read", "close"),
    ),
}
