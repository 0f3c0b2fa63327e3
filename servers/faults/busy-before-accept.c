// Defect: before the first accept() it waits, in a loop without rest, for a thread that never sets its variable.

#include "../base.h"

static volatile bool is_ready;

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    while (!is_ready) {}

    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}
