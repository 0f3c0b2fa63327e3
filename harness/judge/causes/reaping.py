"""Causes behind what reaping/* can show."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "never-reaps": Cause(
        "your parent {has no handler for SIGCHLD and |has no handler for SIGCHLD and |}waits for none "
        "of its children",
        "in the parent, before it calls accept(): {signal(SIGCHLD, handler)|signal.signal(SIGCHLD, "
        "handler)|a handler for SIGCHLD}, and in the handler {while (waitpid(-1, NULL, WNOHANG) > "
        "0)|os.waitpid(-1, os.WNOHANG) until there is none|waitpid for any child, without waiting "
        "(WNOHANG), until there is none; in Ruby also Process.detach(pid)} (slides 18-19); a handler "
        "that the child installs does nothing for its parent",
        "never-reaps.c",
        calls=("fork",),
    ),
    "waits-too-early": Cause(
        "your parent has no handler for SIGCHLD, and its wait() or waitpid() reaps no child: it is "
        "never reached (behind an endless loop, say), or is called before the child has ended (with "
        "WNOHANG, right after fork())",
        "a handler for SIGCHLD (slides 18-19), which is installed before accept() is called; in it "
        "while (waitpid(-1, NULL, WNOHANG) > 0), since one signal may stand for several children",
        "waits-too-early.c",
        calls=("wait",),
    ),
    "worker-never-reaps": Cause(
        "the process that accepts and forks is not the one that was started, but a child of it; it "
        "waits for none of its own children, and its parent cannot do it for it",
        "in the process that calls accept(), before its loop: {signal(SIGCHLD, handler)|signal.signal("
        "SIGCHLD, handler)|a handler for SIGCHLD}, and in the handler {while (waitpid(-1, NULL, "
        "WNOHANG) > 0)|os.waitpid(-1, os.WNOHANG) until there is none|waitpid for any child, without "
        "waiting (WNOHANG), until there is none} (slides 18-19); a wait() in the first process takes "
        "only the children of that one",
        "zombies-in-namespace.c",
        calls=("fork",),
    ),
    "helper-never-reaped": Cause(
        "your server starts a process for each client, beside the one that serves it, and nobody "
        "waits for it",
        "{waitpid() after fork() or posix_spawn(), pclose() after popen()|wait() for a Popen, "
        "os.waitpid() after os.fork()}",
        "helper-never-reaped.c",
        calls=("helper", "fork", "wait"),
    ),
    "child-leaves-zombies": Cause(
        "the child that serves starts a process of its own and does not wait for it: your parent can "
        "reap its own children, not the child's",
        "waitpid() in the child for each process that it starts",
        "child-leaves-zombies.c",
        by_hand="`nc 127.0.0.1 54321` in one window; in another, before you type a line and after it: "
        "`ps -e -o pid,ppid,stat,args | grep '[d]efunct'`: nothing of your server may be listed",
        calls=("helper", "wait"),
    ),
    "blocks-sigchld": Cause(
        "SIGCHLD is blocked in your parent: it stays pending, and no handler is called",
        "{sigprocmask() or pthread_sigmask()|signal.pthread_sigmask()|what blocks it,} before fork(): "
        "SIG_UNBLOCK in the parent too; and a handler that calls waitpid(), if you have none",
        "blocks-sigchld.c",
        calls=("mask",),
    ),
    "sigchld-not-blocked": Cause(
        "you wait for signals in {sigwait(), sigwaitinfo() or signalfd()|signal.sigwait() or the "
        "like|sigwait() or the like}, and SIGCHLD is not blocked: then it never comes there, but is "
        "thrown away when it comes, as always where there is no handler",
        "{sigprocmask() or, before the first thread is started, "
        "pthread_sigmask()|signal.pthread_sigmask(), before the first thread is started|what blocks "
        "signals, before the first thread is started}: SIG_BLOCK for SIGCHLD; a child that runs "
        "another program unblocks it",
        "sigchld-not-blocked.c",
        calls=("mask", "wait"),
    ),
    "waits-for-own-group": Cause(
        "there is a handler for SIGCHLD, and it reaps none of your children: they have left your "
        "process group (setsid(), setpgid()), and waitpid(0, ...) waits only for those of its own",
        "the first argument of waitpid(): -1 is any child (waitpid(2))",
        "waits-for-own-group.c",
        calls=("wait",),
    ),
    "handler-reaps-none": Cause(
        "{your handler for SIGCHLD was called|your handler for SIGCHLD was called|SIGCHLD was caught}, "
        "and {reaped no child: it|reaped no child: it|no child was reaped: your handler was never run, "
        "or} does not call wait() or waitpid(), or passes these children over",
        "in the handler itself: {while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, os.WNOHANG) "
        "until there is none}, and no condition before it; -1 means any child. If you have put a "
        "wait() into the loop instead, for when accept() fails: it is never reached, since accept() "
        "goes on after {a handler that signal() has installed|the handler|the handler}{||. In PHP a "
        "handler runs only after pcntl_async_signals(true), or in pcntl_signal_dispatch()}",
        "handler-reaps-none.c",
        calls=("SIGCHLD", "wait"),
    ),
    "handler-passes-over": Cause(
        "your handler for SIGCHLD was called, and reaped none of these children, though your program "
        "has a wait() or waitpid()",
        "your handler: while (waitpid(-1, NULL, WNOHANG) > 0), and nothing else: no if before it; -1 "
        "means any child",
        "reaps-the-killed.c",
        calls=("SIGCHLD", "wait"),
    ),
    "reaps-by-clock": Cause(
        "you have no handler for SIGCHLD. The zombies stay at least until a timer of yours (alarm(), "
        "or a time limit of poll() or select()) runs out; whether you wait for them then was not seen",
        "a handler for SIGCHLD that loops: {while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, "
        "os.WNOHANG) until there is none} (slides 18-19): it is called as soon as a child exits",
        "reaps-by-alarm.c",
    ),
    "reaps-another-child": Cause(
        "for each client your parent waits for one process, and the process that serves is another one, "
        "which stays a zombie. If you fork twice: after prctl(PR_SET_CHILD_SUBREAPER) the second "
        "child becomes your own as soon as the first has ended",
        "a handler for SIGCHLD with while (waitpid(-1, NULL, WNOHANG) > 0): it takes any child. Or "
        "no PR_SET_CHILD_SUBREAPER: then init adopts the second child and reaps it",
        "adopts-grandchildren.c",
        calls=("wait",),
    ),
    "once-per-accept": Cause(
        "you have no handler for SIGCHLD, and reap one child for each client that comes: of many "
        "that exit together the others stay",
        "a handler for SIGCHLD that loops: {while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, "
        "os.WNOHANG) until there is none} (slides 18-19)",
        "waits-once-per-accept.c",
        calls=("wait",),
    ),
    "reaps-first-only": Cause(
        "only the first child was reaped: your handler is not installed any more after its first call",
        "sigaction() without SA_RESETHAND, or reinstall the handler (slide 19)",
        "sysv-one-shot.c",
        calls=("SIGCHLD", "wait"),
    ),
    "once-per-signal": Cause(
        "many exits became one SIGCHLD, since signals do not queue, and you wait once for each "
        "SIGCHLD; slide 19 has the same fault",
        "at each SIGCHLD: {while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, os.WNOHANG) until "
        "there is none}",
        "waits-once-per-signal.c",
        from_slide=True,
        calls=("SIGCHLD", "wait"),
    ),
    "few-per-signal": Cause(
        "many exits became one SIGCHLD, since signals do not queue, and your handler waits for a few "
        "children only",
        "in the handler, without a count: {while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, "
        "os.WNOHANG) until there is none|waitpid for any child, with WNOHANG, until there is none}",
        "sweeps-on-sigcont.py",
        calls=("SIGCHLD", "wait"),
    ),
    "reaps-no-more": Cause(
        "your handler for SIGCHLD was called, and reaped none of these children; those of earlier "
        "clients it did reap",
        "what your handler asks before it waits: a count, a flag, a table that is full; {while "
        "(waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, os.WNOHANG) until there is none|waitpid for "
        "any child, with WNOHANG, until there is none} needs no condition",
        "reaps-for-40.py",
        calls=("SIGCHLD", "wait"),
    ),
    "wait-loop-in-handler": Cause(
        "your handler loops over wait(), which sleeps as long as any child lives",
        "while (waitpid(-1, NULL, WNOHANG) > 0) instead of the loop over wait()",
        "wait-loop-in-handler.c",
        calls=("SIGCHLD", "wait"),
    ),
    "handler-never-ends": Cause(
        "your handler for SIGCHLD does not come to its end: it calls {waitpid() or "
        "waitid()|waitpid()|waitpid()} again and again, which returns 0 at once while no child has "
        "exited, and -1 when there is none",
        "the condition of its loop: while (waitpid(-1, NULL, WNOHANG) > 0), and no other{; waitid() "
        "returns 0 also for a child that it has found: only si_pid, 0 before the call, tells||}",
        "handler-never-ends.c",
        calls=("SIGCHLD", "wait"),
    ),
    "wait-raises": Cause(
        "when a child had exited, waitpid() was called once more than there were children: "
        "{it failed with ECHILD|it raised ChildProcessError|it raised an error}, which nobody caught, "
        "and that ended the server",
        "{each waitpid(): with no child left it fails, and that is the end of the loop|a try around "
        "os.waitpid(), in the handler too; except ChildProcessError is the end of its loop|a rescue "
        "around the wait, in the trap too: with no child left (Errno::ECHILD) its loop is at its end}",
        "wait-raises.py",
        calls=("wait",),
    ),
    "waits-for-youngest": Cause(
        "when a child exits, your parent waits for the one that it has forked last, and sleeps until "
        "that one exits",
        "what you give waitpid(): not a variable that the next fork() overwrites, but -1, and WNOHANG: "
        "{while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, os.WNOHANG) until there is none}",
        "waits-for-youngest.c",
        by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; the same in a second one; type a "
        "line in the first; then `echo hello | timeout 5 nc 127.0.0.1 54321` in a third: the reply "
        "must come",
        calls=("SIGCHLD", "wait"),
    ),
    "eintr-is-fatal": Cause(
        "SIGCHLD interrupted the call in which your server waits for clients{ (or in sem_wait() "
        "for a place)||}, it {returned -1|failed|failed} with EINTR, and you exited",
        "{SA_RESTART in sigaction(), which select(), poll() and epoll_wait() do not heed (signal(7)), "
        "or: if (errno == EINTR) continue; the handler must save errno|where it fails with EINTR, call "
        "it again|where it fails with EINTR, call it again: a loop that ends where accept() fails ends "
        "there, too}",
        "eintr-is-fatal.c",
        calls=("accept", "poll"),
    ),
    "errno-is-stale": Cause(
        "SIGCHLD has interrupted accept() once (EINTR), and errno keeps that value: no call that "
        "succeeds resets it. You look at errno alone, take each later client for an interruption, too, "
        "and forget its connection",
        "where you look at errno: only where accept() has returned -1: if (conn < 0 && errno == EINTR) "
        "continue; (errno(3))",
        "errno-is-stale.c",
        calls=("accept",),
    ),
    "handler-exits": Cause(
        "your handler for SIGCHLD ends the program: it runs in your parent when a child has exited, "
        "and not in the child",
        "the handler: no {exit()|sys.exit()|exit} in it. It waits for the children that have ended, "
        "and returns (slide 19); the child ends by its own {exit(0)|os._exit(0)|exit(0)} (slide 10)",
        "handler-exits.c",
        calls=("SIGCHLD", "exit"),
    ),
    "errno-overwritten": Cause(
        "SIGCHLD interrupted accept(), and before you looked at errno a waitpid() of yours, in the "
        "handler or in the loop, had put its own error there, ECHILD; so you did not see EINTR, and "
        "exited",
        "in the handler: int saved = errno; first, and errno = saved; last. In the loop: look at "
        "errno before you call anything else, and on EINTR go back to accept()",
        "errno-clobbered.c",
        calls=("SIGCHLD", "accept"),
    ),
    "forks-on-eintr": Cause(
        "SIGCHLD interrupted accept(), it returned -1, and you did not look and forked for it: each "
        "such child has no client, and when it exits, it interrupts again",
        "after accept(): if (conn < 0) continue; in any case. Whether signal() lets accept() go on "
        "depends on the compiler's flag (with -std=c11 it does not, with -std=gnu11 it does); "
        "sigaction() with SA_RESTART always does",
        "slide19-std-c11.c",
        from_slide=True,
        calls=("accept", "fork"),
    ),
    "accept-outside-loop": Cause(
        "your parent forks again and again for one and the same client: it does not call accept() in "
        "its loop",
        "the loop: accept() is its first line, then comes fork(), and in the parent close(conn) (slide "
        "10)",
        "accept-outside-loop.c",
        calls=("accept",),
    ),
    "reaps-at-next-accept": Cause(
        "you reap only when the next client comes: until then the children of the last clients stay "
        "zombies",
        "a handler for SIGCHLD that loops: {while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, "
        "os.WNOHANG) until there is none} (slides 18-19)",
        "reaps-at-next-accept.c",
        calls=("wait",),
    ),
    "handler-put-off": Cause(
        "you have a handler for SIGCHLD, and yet the children are reaped only when the next client "
        "comes: {the handler sets a flag, and accept() goes on sleeping (SA_RESTART)|the handler does "
        "not reap them itself|the language runs a handler between its own steps, and the call that "
        "waits for a client goes on sleeping}",
        "{in the handler itself: while (waitpid(-1, NULL, WNOHANG) > 0); or sigaction() without "
        "SA_RESTART, and on EINTR look at the flag|in the handler itself: os.waitpid(-1, os.WNOHANG) "
        "until there is none|how the handler is installed: the waiting call must be interrupted by it "
        "(in PHP pcntl_signal(SIGCHLD, $handler, false)), and be called again}",
        "handler-sets-flag.c",
        calls=("SIGCHLD", "wait"),
    ),
    "ignores-killed-children": Cause(
        "you look at how a child has ended before you reap it: one that a signal killed stays, and so "
        "do those that exit after it, where it stands in their way",
        "in the handler: {while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, os.WNOHANG) until "
        "there is none|waitpid for any child, with WNOHANG, until there is none}, and no condition "
        "before it; look at {WIFEXITED()|the status|the status} only afterwards",
        "ignores-killed-children.c",
        calls=("SIGCHLD", "wait"),
    ),
    "gives-up-on-crash": Cause(
        "your server ends when one of its children was killed by a signal",
        "delete the exit() or _exit() that your handler for SIGCHLD calls then: a crashed child costs "
        "one client (wait(2){, WIFSIGNALED||})",
        "gives-up-on-crash.c",
        calls=("SIGCHLD", "wait", "exit"),
    ),
    "sleeps-in-handler": Cause(
        "at SIGCHLD you call wait(), or waitpid() without WNOHANG, which sleeps when no child has "
        "exited: SIGCHLD also comes for a child that was stopped, or when somebody sends it; slide 19 "
        "has the same fault",
        "at each SIGCHLD: {while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, os.WNOHANG) until "
        "there is none}, which never sleeps",
        "waits-for-stopped.c",
        from_slide=True,
        calls=("SIGCHLD", "wait"),
    ),
}
