// Defect: for every tenth client it also forks a process that should write statistics, and that never ends.

#include "../base.h"

static void fork_statistician(int listener)
{
    if (fork() != 0) return;
    close(listener);
    for (;;) pause();
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (int clients = 1;; clients++) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
        if (clients % 10 == 0) fork_statistician(listener);
    }
}
