// Defect: epoll tells that a client has come, and read() then sleeps until this one client speaks.

#include "../base.h"
#include <sys/epoll.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll_ctl");

    for (;;) {
        if (epoll_wait(epoll, &event, 1, -1) < 1) continue;
        int conn = accept_client(event.data.fd);
        serve(conn);
        close(conn);
    }
}
