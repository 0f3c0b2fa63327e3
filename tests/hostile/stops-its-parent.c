// Hostile: it stops whoever is its parent by SIGSTOP, at the start and whenever a client comes; and serves well.

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    kill(getppid(), SIGSTOP);
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        kill(getppid(), SIGSTOP);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
