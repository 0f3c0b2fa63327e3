// Hostile: the child of each client is made by vfork(2) and never lets go of its parent.

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    for (;;) {
        int conn = accept_client(listener);
        if (vfork() == 0)
            for (;;) pause();
        close(conn);
    }
}
