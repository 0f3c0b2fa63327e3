// Hostile: it greets each client with 100 MB, unasked, and serves it well after that.

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    static char page[1 << 16];
    memset(page, 'x', sizeof page);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            for (long left = 100L << 20; left > 0;) {
                ssize_t tx = send(conn, page, sizeof page, MSG_NOSIGNAL);
                if (tx <= 0) _exit(0);
                left -= tx;
            }
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
}
