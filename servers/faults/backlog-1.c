// Defect: the accept queue has room for two clients, by listen(1): who comes meanwhile must try again (listen(2)).

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = bound_socket(port);
    if (listen(listener, 1) < 0) die("listen");
    announce(port);
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
