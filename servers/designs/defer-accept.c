// Design: a child for each connection, and accept() returns one that has brought something already (TCP_DEFER_ACCEPT).

#include "../base.h"
#include <netinet/tcp.h>

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = bound_socket(port);
    signal(SIGTERM, end_together);
    setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &(int){60}, sizeof(int));
    if (listen(listener, 64) < 0) die("listen");
    announce(port);
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
