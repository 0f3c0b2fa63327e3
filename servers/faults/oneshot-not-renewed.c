// Defect: EPOLLONESHOT tells of a connection once, and it is not renewed when the line is not whole (epoll(7)).

#include "../base.h"
#include <sys/epoll.h>

enum { MOST = 4096 };
static char *lines[MOST];
static size_t have[MOST];

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});

    for (;;) {
        struct epoll_event event;
        if (epoll_wait(epoll, &event, 1, -1) < 1) continue;
        if (event.data.fd == listener) {
            int conn = accept(listener, NULL, NULL);
            if (conn < 0) { outlive_accept_error(); continue; }
            if (conn >= MOST) { close(conn); continue; }
            have[conn] = 0;
            epoll_ctl(epoll, EPOLL_CTL_ADD, conn,
                      &(struct epoll_event){.events = EPOLLIN | EPOLLONESHOT, .data.fd = conn});
            continue;
        }
        int conn = event.data.fd;
        char buf[65536];
        ssize_t rx = read(conn, buf, sizeof buf);
        if (rx > 0) {
            lines[conn] = realloc(lines[conn], have[conn] + rx);
            memcpy(lines[conn] + have[conn], buf, rx);
            have[conn] += rx;
            if (!memchr(buf, '\n', rx)) continue;
        }
        capitalise(lines[conn], have[conn]);
        if (have[conn] > 0) write_all(conn, lines[conn], have[conn]);
        discard_input(conn);
        close(conn);
    }
}
