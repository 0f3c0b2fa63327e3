"""Causes behind what service/* can show: the server is over after one client, or a few."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
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
    "calls-thread-function": Cause(
        "you call the function that the thread is to run, and give pthread_create() what it returns: "
        "the call serves the first client, and then a thread begins at no function",
        "the third argument of pthread_create(): the name of the function, without parentheses; the "
        "fourth is its argument (pthread_create(3))",
        "calls-thread-function.c",
        calls=("thread",),
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
    "accepts-once": Cause(
        "your program calls Accept() once, before its loop: it lets one client in, and nobody else; and "
        "Go closes a listener that nobody uses any more",
        "the loop: conn, err := listener.Accept() is its first line, and a goroutine serves that client "
        "(go serve(conn))",
        "accepts-once.go",
        calls=("accept",),
    ),
    "workers-end": Cause(
        "each of the workers that you start in advance serves one client and ends, and none is started "
        "in its place: when all have ended nobody serves",
        "in each worker: a loop around accept() and all that follows it, which it never leaves (slide "
        "10, for()); or a child for each client, after accept() (slides 9-13)",
        "workers-serve-once.c",
        calls=("accept",),
    ),
}
