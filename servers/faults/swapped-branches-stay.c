// Defect: parent and child have swapped their branches, and neither ends: with each client there is one process more.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() > 0) serve(conn);
        close(conn);
    }
}
