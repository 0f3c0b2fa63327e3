// Hostile: for each client it leaves a daemon in a session of its own that holds the listener; and serves well.

#include "belt.h"

static void leave_daemon(void)
{
    if (fork() != 0) return;
    setsid();
    if (fork() != 0) _exit(0);
    for (int signo = 1; signo < NSIG; signo++) signal(signo, SIG_IGN);
    for (;;) pause();
}

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            leave_daemon();
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
