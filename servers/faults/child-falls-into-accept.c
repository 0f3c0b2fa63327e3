// Defect: the child does not exit: it falls through into the parent's loop and accepts clients of its own.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            serve(conn);
        }
        close(conn);
    }
}
