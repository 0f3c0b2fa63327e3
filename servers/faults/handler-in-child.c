// Defect: the handler is installed in the child, who has no children; the parent never hears of SIGCHLD.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            reap_on_sigchld();
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
