// Defect: it calls bind() for one socket and listen() for another, which gets a port of the kernel's (ip(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int bound = bound_socket(port);
    int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener < 0) die("socket");
    signal(SIGTERM, end_together);
    if (listen(listener, 64) < 0) die("listen");
    close(bound);
    announce(port);
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
