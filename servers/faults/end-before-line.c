// Defect: whoever has ended its input (EPOLLRDHUP) is closed at once, also where its line is still unread.

#include "../base.h"
#include <sys/epoll.h>

// Whether the client is served, or has gone.
static bool is_over(int conn)
{
    char buf[4096];
    ssize_t rx = recv(conn, buf, sizeof buf, 0);
    if (rx <= 0) return true;
    capitalise(buf, rx);
    return send(conn, buf, rx, MSG_DONTWAIT | MSG_NOSIGNAL) < rx || memchr(buf, '\n', rx);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv), epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);

    for (;;) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                event.events = EPOLLIN | EPOLLRDHUP;
                event.data.fd = accept(listener, NULL, NULL);
                if (event.data.fd < 0) outlive_accept_error();
                else epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
            } else if (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) || is_over(fd)) {
                close(fd);
            }
        }
    }
}
