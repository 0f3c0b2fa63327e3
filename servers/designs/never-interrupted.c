// Design: accept() on a socket in non-blocking mode, where no signal interrupts it: EINTR would be our own mistake.

#include "epoll_loop.h"

// The next client's connection, or -1 when there is none after all.
static int accept_who_waits(int listener)
{
    int conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (conn >= 0 || errno == EAGAIN) return conn;
    if (errno == EINTR) die("accept");
    outlive_accept_error();
    return -1;
}

int main(int argc, char **argv)
{
    serve_by_epoll(listen_on(argc, argv), accept_who_waits);
}
