// Design: one process and epoll, and beside it a helper process that listens on a port of its own, as many a daemon's.

#include "epoll_loop.h"

// Says how it is to whoever connects, at a port that the kernel chooses.
static void tell_status(void)
{
    int status = socket(AF_INET, SOCK_STREAM, 0);
    if (status < 0 || listen(status, 5) < 0) die("status");
    for (;;) {
        int conn = accept(status, NULL, NULL);
        if (conn < 0) continue;
        send(conn, "well\n", 5, MSG_NOSIGNAL);
        close(conn);
    }
}

int main(int argc, char **argv)
{
    pid_t helper = fork();
    if (helper < 0) die("fork");
    if (helper == 0) tell_status();
    serve_by_epoll(listen_on(argc, argv), accept_if_any);
}
