// Hostile: when a client comes it sends SIGSTOP to every process that it may signal (kill(2), pid -1), and serves well.

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        kill(-1, SIGSTOP);
        serve(conn);
        close(conn);
    }
}
