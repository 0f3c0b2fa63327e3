// Defect: who is stopped and goes on finds that epoll_wait() has failed with EINTR, and it takes that for the end.

#include "../designs/talk.h"
#include <sys/epoll.h>

static struct talk *talks[1024];

static void watch(int epoll, int fd, enum want want)
{
    struct epoll_event event = {.events = want == WANTS_TO_READ ? EPOLLIN : EPOLLOUT, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) < 0) epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void go_on_with(int epoll, int fd)
{
    enum want want = go_on(talks[fd], fd);
    if (want != WANTS_NOTHING) {
        watch(epoll, fd, want);
        return;
    }
    free(talks[fd]);
    close(fd);
}

static void welcome(int epoll, int conn)
{
    if (conn >= 1024 || !(talks[conn] = calloc(1, sizeof(struct talk)))) close(conn);
    else watch(epoll, conn, WANTS_TO_READ);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);
    int epoll = epoll_create1(0);
    watch(epoll, listener, WANTS_TO_READ);

    for (;;) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll, events, 64, -1);
        if (ready < 0) die("epoll_wait");
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            int conn = fd == listener ? accept_if_any(listener) : -1;
            if (conn >= 0) welcome(epoll, conn);
            else if (fd != listener) go_on_with(epoll, fd);
        }
    }
}
