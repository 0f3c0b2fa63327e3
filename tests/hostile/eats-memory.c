// Hostile: the child of each client takes 256 MB and writes to every page; and serves well.

#include "belt.h"

enum { MB = 1 << 20 };

static void eat(size_t most)
{
    for (size_t eaten = 0; eaten < most; eaten += MB) {
        char *piece = malloc(MB);
        if (piece == NULL) return;
        memset(piece, 1, MB);
    }
}

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            eat(256 * (size_t)MB);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
