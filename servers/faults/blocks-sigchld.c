// Defect: it blocks SIGCHLD before fork() and never unblocks it in the parent: its handler is never called (signal(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);

    for (;;) {
        int conn = accept_client(listener);
        sigprocmask(SIG_BLOCK, &chld, NULL);
        if (fork() == 0) {
            sigprocmask(SIG_UNBLOCK, &chld, NULL);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
