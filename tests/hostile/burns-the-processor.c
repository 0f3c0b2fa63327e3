// Hostile: it has four children that compute without end, and serves well.

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (int n = 0; n < 4; n++)
        if (fork() == 0)
            for (volatile long count = 0;;) count++;

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
}
