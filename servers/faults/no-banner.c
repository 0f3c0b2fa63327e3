// Defect: it prints nothing when it listens: who starts it cannot know when, or on which port.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = bound_socket(port_from(argc, argv));
    if (listen(listener, 64) < 0) die("listen");
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
