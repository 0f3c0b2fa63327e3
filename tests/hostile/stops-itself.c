// Hostile: it stops itself by SIGSTOP as soon as it has accepted a client.

#include "belt.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        raise(SIGSTOP);
        serve(conn);
        close(conn);
    }
}
