// Defect: it waits for a signal before it calls listen(), and nobody sends one: no client can reach it.

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = bound_socket(port);
    announce(port);
    pause();
    if (listen(listener, 5) < 0) die("listen");
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
