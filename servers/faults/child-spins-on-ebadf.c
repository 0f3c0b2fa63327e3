// Defect: the child does not exit: it falls into accept() on the socket it has closed, which fails again and again.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) continue;
        if (fork() == 0) {
            close(listener);
            serve(conn);
        }
        close(conn);
    }
}
