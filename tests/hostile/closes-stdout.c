// Hostile: it closes descriptors 0, 1 and 2 before it listens, so that the listener becomes 0; and serves well.

#include "belt.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    for (int fd = 0; fd < 3; fd++) close(fd);
    int listener = bound_socket(port);
    if (listener != 0 || listen(listener, 64) < 0) return 1;
    signal(SIGTERM, end_together);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
