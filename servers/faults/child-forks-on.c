// Defect: the child leaves its switch, not the loop around accept(): its listener is closed, accept() fails, and it forks.
//
// So does each of its children. It forks until no more processes are allowed: `ulimit -u` first.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        switch (fork()) {
        case 0:
            close(listener);
            serve(conn);
            close(conn);
            break;
        case -1:
            perror("fork");
            sleep(1);
            /* fall through */
        default:
            close(conn);
        }
    }
}
