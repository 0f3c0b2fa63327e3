// Defect: it blocks SIGINT in the process that listens, and unblocks it in the children alone: Ctrl-C stays pending.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_BLOCK, &interrupt, NULL);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            sigprocmask(SIG_UNBLOCK, &interrupt, NULL);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
