// Defect: its handler waits for the child that has ended; but SIGCHLD also tells of one that has only stopped.

#include "../base.h"

static void wait_and_reap(int signo)
{
    int saved_errno = errno, reaped;
    sigset_t sigchld;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, signo);

    waitpid(-1, NULL, 0);
    do {  // now those that ended together with that one, and the signal they have left behind
        sigtimedwait(&sigchld, NULL, &(struct timespec){0});
        for (reaped = 0; waitpid(-1, NULL, WNOHANG) > 0; reaped++) {}
    } while (reaped > 0);
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(wait_and_reap, SA_RESTART);  // SA_NOCLDSTOP is missing (sigaction(2))

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
