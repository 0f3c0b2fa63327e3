// Design: one process, and epoll tells which client can go on.

#include "epoll_loop.h"

int main(int argc, char **argv)
{
    serve_by_epoll(listen_on(argc, argv), accept_if_any);
}
