// Hostile: it answers each client with one byte every tenth of a second, for ever.

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            char line[256];
            if (read(conn, line, sizeof line) < 0) _exit(1);
            while (write(conn, "x", 1) == 1) usleep(100000);
            _exit(0);
        }
        close(conn);
    }
}
