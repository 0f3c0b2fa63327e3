// Hostile: when a client comes it sends SIGKILL to every process that it may signal (kill(2), pid -1).

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        kill(-1, SIGKILL);
        serve(conn);
        close(conn);
    }
}
