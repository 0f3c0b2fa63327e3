// epoll_loop.h - an event loop by epoll, for the designs that have one.

#include "talk.h"
#include <sys/epoll.h>

struct client {
    struct talk talk;
    int conn;
};

static inline void welcome(int epoll, int conn)
{
    struct client *client = calloc(1, sizeof *client);
    if (!client) {
        close(conn);
        return;
    }
    client->conn = conn;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, conn, &event) < 0) {
        close(conn);
        free(client);
    }
}

static inline void go_on_with(int epoll, struct client *client)
{
    enum want want = go_on(&client->talk, client->conn);
    if (want == WANTS_NOTHING) {
        close(client->conn);  // which takes it out of the epoll set as well (epoll(7))
        free(client);
        return;
    }
    struct epoll_event event = {.events = want == WANTS_TO_READ ? EPOLLIN : EPOLLOUT, .data.ptr = client};
    epoll_ctl(epoll, EPOLL_CTL_MOD, client->conn, &event);
}

// Serves whoever comes to a listener, for ever; accept_next() gives the next connection, or -1 when there is none.
static inline void serve_by_epoll(int listener, int (*accept_next)(int))
{
    set_nonblocking(listener);

    int epoll = epoll_create1(0);
    struct epoll_event arrival = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &arrival);

    for (;;) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) {
                go_on_with(epoll, events[i].data.ptr);
            } else {
                int conn = accept_next(listener);
                if (conn >= 0) welcome(epoll, conn);
            }
        }
    }
}
