// Hostile: it answers each client with bytes that never end, as fast as they are taken.

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
            char line[64];
            if (read_line(conn, line, sizeof line) > 0)
                while (send(conn, page, sizeof page, MSG_NOSIGNAL) > 0) {}
            _exit(0);
        }
        close(conn);
    }
}
