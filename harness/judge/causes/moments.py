"""Causes of moments/*."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "pid-entered-late": Cause(
        "the parent enters a child into its table, list or count after fork(); when the child exits "
        "before that, it is reaped and not found there, and then entered: it is never taken out again",
        "{block SIGCHLD before fork() (sigprocmask(2)), and unblock it once the child is entered|block "
        "SIGCHLD before fork() (signal.pthread_sigmask()), and unblock it once the child is entered|"
        "enter the child before anybody can wait for it}; or wait for children in the main loop alone",
        "pid-entered-late.c",
        calls=("fork", "SIGCHLD"),
    ),
    "unknown-child-is-fatal": Cause(
        "the server ends when a child has ended that does not stand in its table, list or set: one that "
        "exits before fork() has returned to the parent does not stand there yet",
        "{what the handler does with a pid that it does not find: nothing, but to go on|what the "
        "handler does with a pid that it does not find: discard(), and not remove()|what is done with "
        "a pid that is not found: nothing, but to go on}; and SIGCHLD, blocked before fork() and "
        "unblocked once the child is entered{ (sigprocmask(2))| (signal.pthread_sigmask())|}",
        "unknown-child-is-fatal.c",
        calls=("fork", "SIGCHLD"),
    ),
    "wake-up-lost": Cause(
        "your parent tests whether a child has ended, and then sleeps in pause() or the like until "
        "a signal comes; when SIGCHLD comes after the test and before that call, nothing wakes it any "
        "more",
        "if (!flag) pause(): block SIGCHLD before the test, and sleep in sigsuspend() or ppoll(), which "
        "unblock it only while they sleep; to wait for one child, waitpid() alone is enough",
        "wake-up-lost.c",
        by_hand="`gdb -p PID -batch -ex 'tbreak pause' -ex continue -ex 'shell sleep 5' -ex detach` in "
        "one window: the parent is held for 5 s where it is about to call pause(); `echo hello | nc "
        "127.0.0.1 54321` in another: its child exits meanwhile; once gdb has left, and also where it "
        "waits because nobody calls pause(): `echo hello | nc 127.0.0.1 54321` must be answered",
        calls=("SIGCHLD",),
    ),
    "errno-not-saved": Cause(
        "your handler for SIGCHLD changes errno, and came when a call had just failed; the parent then"
        " read the handler's errno (ECHILD, if the handler calls waitpid() until it fails) for that of"
        " its call",
        "{the handler: int saved = errno; at its beginning, and errno = saved; at its end|the error "
        "that is looked at: take it from the exception, not from a later call}",
        "handler-changes-errno.c",
        by_hand="`gdb -p PID -batch -ex 'break accept' -ex continue -ex continue -ex finish -ex 'shell "
        "sleep 5' -ex detach` in one window; `nc 127.0.0.1 54321` in another: the parent is held where "
        "its second accept() has failed; type a line there, and its child ends; once gdb has left, "
        "`echo hello | nc 127.0.0.1 54321` must be answered",
        calls=("SIGCHLD",),
    ),
    "handler-shares-data": Cause(
        "your handler for SIGCHLD changes what the loop is just using: {what a function keeps from "
        "call to call (as strtok(), inet_ntoa(), getenv() and localtime() do), or a variable of yours|a "
        "variable or a file of yours|a variable or a file of yours}",
        "{in the handler call only what signal-safety(7) lists: waitpid() is, printf(), syslog(), "
        "malloc() and strtok() are not; let it set a flag, and do the rest in the loop|your handler: "
        "it reaps and sets a flag, and the loop does the rest|your handler: it reaps and sets a flag, "
        "and the loop does the rest}",
        "handler-uses-strtok.c",
        calls=("SIGCHLD",),
    ),
    "handler-leaps": Cause(
        "your program calls longjmp(), as a rule in its handler for SIGCHLD: what the loop was about is "
        "then never done, and a connection that accept() had just returned is lost, and stays open",
        "in the handler waitpid() and a return, no longjmp() or siglongjmp(); where accept() fails with "
        "EINTR then, call it again, or let SA_RESTART do so (sigaction(2))",
        "leaps-from-handler.c",
        calls=("SIGCHLD",),
    ),
    "handler-takes-lock": Cause(
        "your handler for SIGCHLD calls a function that holds a lock while it works (syslog(), malloc() "
        "or localtime(), say), and came when your loop was within such a function: the "
        "handler waits for a lock that only the interrupted loop can give back",
        "in the handler call only what signal-safety(7) lists, waitpid() for one; let it set a flag, "
        "and write, log and allocate in the loop",
        "handler-logs.c",
        calls=("SIGCHLD",),
    ),
    "handler-prints": Cause(
        "your handler prints, and the signal came in the midst of a print(), also of the handler's own: "
        "Python's buffer cannot be entered twice, raises RuntimeError (reentrant call), and nobody "
        "catches that",
        "the handler: no print() and no logging there. Let it count, or keep in a list, what is to be "
        "said, and print that in the loop; or os.write(1, b'...'), which has no buffer",
        "handler-prints.py",
        calls=("SIGCHLD",),
    ),
    "flag-cleared-late": Cause(
        "the flag that your handler sets is cleared after the children were waited for; SIGCHLD came "
        "between the two, so that the flag is cleared and nobody waits for that child",
        "the order: clear the flag first, and then while (waitpid(-1, NULL, WNOHANG) > 0)",
        "flag-cleared-late.c",
        by_hand="`nc 127.0.0.1 54321` in one window; `gdb -p PID -batch -ex 'break waitpid' -ex "
        "continue -ex continue -ex finish -ex 'shell sleep 5' -ex detach` in another: the parent is "
        "held where waitpid() has found nobody more; `echo hello | nc 127.0.0.1 54321` in a third; type "
        "a line in the first, and when gdb has left `ps --ppid PID -o pid,stat,args`: no <defunct> may "
        "be listed",
        calls=("SIGCHLD", "wait"),
    ),
    "newborn-lives-on": Cause(
        "SIGTERM came while fork() was making a child, and this child lives on: your handler did not "
        "find it in its table yet, or the child got SIGTERM while it still had your handler{|; Python "
        "forgets in a new child a signal that came just before}",
        "{sigprocmask(2)|signal.pthread_sigmask()}: block SIGTERM before fork(); unblock it in the "
        "parent once the child is entered, and in the child once SIGTERM has its default action there",
        "newborn-outlives-sigterm.c",
        by_hand="`gdb -p PID -batch -ex 'tbreak fork' -ex continue -ex finish -ex 'shell sleep 5' -ex "
        "detach` in one window; `nc 127.0.0.1 54321` in another, typing nothing: the server is held "
        "where fork() has returned; `kill PID` in a third; once gdb has left, `ss -Htn state "
        "established 'sport = :54321'`: no connection may be left (end nc first, if your server lets "
        "its clients finish)",
        calls=("fork", "SIGTERM"),
    ),
    "sigterm-lost": Cause(
        "{your handler for SIGTERM sets a flag, and your loop looks at it before it sleeps until a "
        "client comes; when SIGTERM comes after the look and before that call, the server sleeps until"
        " the next client|Python calls your handler for SIGTERM between two instructions of your "
        "program; when SIGTERM comes just before accept() or select() begins to sleep, your handler is"
        " called only when that has returned: with the next client}",
        "{block SIGTERM before the look, and wait for clients in ppoll() or pselect(), which unblock it "
        "only while they sleep; or let the handler write into a pipe that poll() watches, too|let "
        "signal.set_wakeup_fd() write each signal into a socket, and wait for clients in select(), "
        "which watches that socket, too}",
        "sigterm-before-accept.c",
        by_hand="`gdb -p PID -batch -ex 'break accept' -ex continue -ex 'shell sleep 5' -ex detach` in "
        "one window; `nc 127.0.0.1 54321` in another, typing nothing: the server is held where it is "
        "about to call accept() again; `kill PID` in a third; once gdb has left, `ps -p PID`: it must "
        "have ended",
        calls=("SIGTERM", "accept", "poll"),
    ),
    "sigterm-handler-takes-lock": Cause(
        "your handler for SIGTERM calls a function that holds a lock while it works (syslog(), "
        "malloc() or localtime(), say), and came when your loop was within such a function: the "
        "handler waits for a lock that only the interrupted loop can give back, and the server does "
        "not end",
        "in the handler call only what signal-safety(7) lists, _exit() and kill() for two; or let it "
        "set a flag, and log in the loop",
        "sigterm-logs.c",
        calls=("SIGTERM",),
    ),
    "lock-order": Cause(
        "threads of yours wait for each other, for ever: one has a lock and wants a second one, "
        "while another has that one and wants the first",
        "take your locks in the same order everywhere; where you cannot, give the first one back "
        "before you wait for the second",
        "locks-in-two-orders.c",
        by_hand="`strace -f -p PID -e trace=write -e inject=write:delay_enter=5000000:when=2` in one "
        "window, with the call that the report names: each thread waits 5 s where it makes that call "
        "a second time; `echo hello | nc 127.0.0.1 54321` in another, and within 5 s `echo hello | "
        "timeout 20 nc 127.0.0.1 54321` in a third: the reply must come, also once 5 s are over",
        calls=("lock",),
    ),
    "connection-by-address": Cause(
        "a new thread of yours looks into the loop's variable for its connection; it was late, and "
        "accept() had put the next one there",
        "give the thread the value: {(void *)(intptr_t)conn, or a copy from malloc() "
        "(pthread_create(3))|Thread(target=serve, args=(conn,))|as an argument, or in a variable of "
        "its own}{C++:; a lambda takes it by value: [conn], not [&]}; a sleep makes it rarer, and no "
        "more than that",
        "naps-after-create.cpp",
        by_hand="`strace -f -p PID -e trace=set_robust_list -e "
        "inject=set_robust_list:delay_enter=5000000` in one window: each new thread begins 5 s late; "
        "`echo hello | timeout 20 nc 127.0.0.1 54321` in another, and within 5 s `nc 127.0.0.1 "
        "54321` in a third, typing nothing: the reply must come",
        calls=("accept", "thread"),
    ),
    "taken-twice": Cause(
        "a thread looks whether a place is free (in a table, a list, a pool), and takes it later; "
        "between the two another thread has taken the same one",
        "look and take in one step: under one lock, or by an atomic operation",
        "place-taken-twice.c",
    ),
    "closed-by-another": Cause(
        "a connection is closed twice; between the two the kernel has given its number to the next "
        "client, whose connection the second close() ends",
        "who opened it closes it, once: {fclose() of a stream from fdopen() closes the connection, "
        "too|os.close() of a number that a socket or a file has closes it a second time}",
        "closes-twice.c",
        by_hand="`strace -f -p PID -e trace=close -e inject=close:delay_enter=5000000:when=2` in one "
        "window: each thread waits 5 s before its second close(); `echo hello | nc 127.0.0.1 54321` "
        "in another; within 5 s `nc 127.0.0.1 54321` in a third and in a fourth; when 5 s are over, "
        "type a line in the fourth: it must be answered",
        calls=("close",),
    ),
    "signal-before-wait": Cause(
        "a thread of yours looks whether there is work, and then waits to be woken; when another one "
        "brings work and wakes it between the two, nobody is waiting yet, and the work lies there until "
        "more comes",
        "look and wait under one lock: {while (queue_is_empty) pthread_cond_wait(&has_come, &lock), "
        "which gives the lock back|with condition: condition.wait_for(has_work), which gives the lock "
        "back|in a loop around the wait, as Java's wait() and Go's sync.Cond ask for it; the wait "
        "gives the lock back} only while it sleeps",
        "looks-before-it-waits.c",
        by_hand="`strace -f -p PID -e trace=write -e inject=write:delay_enter=5000000` in one window, "
        "with the call that the report names: each thread waits 5 s where it makes that call; `echo "
        "hello | nc 127.0.0.1 54321` in another, and within 5 s `echo hello | timeout 20 nc 127.0.0.1 "
        "54321` in a third: the reply must come, also once 5 s are over",
        calls=("condition",),
    ),
    "shared-by-threads": Cause(
        "your threads share a variable or a buffer that each needs for itself: while one was late, "
        "another put its own data there",
        "{local variables, not static or global ones; strtok(), inet_ntoa(), localtime() and others "
        "keep one buffer for all (attributes(7))|local variables, not global ones or those of a "
        "class}{C++:; what lies in an object that all threads use belongs to all of them, too}",
        "global-line.py",
    ),
}
