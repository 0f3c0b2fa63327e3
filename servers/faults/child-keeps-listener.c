// Defect: the child does not close its copy of the listening socket (slide 12).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
