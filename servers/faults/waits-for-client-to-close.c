// Defect: after the reply the child waits for the client to close first, while the client waits for the child.

#include "../base.h"

static void wait_for_end_of_input(int conn)
{
    char rest[4096];
    while (read_line(conn, rest, sizeof rest) > 0) {}
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            wait_for_end_of_input(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
