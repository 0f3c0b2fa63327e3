// Design: accept() on a socket in non-blocking mode, where no signal interrupts it: EINTR would be our own mistake.

#include "talk.h"
#include <sys/epoll.h>

struct client {
    struct talk talk;
    int conn;
};

// The next client's connection, or -1 when there is none after all.
static int accept_who_waits(int listener)
{
    int conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (conn >= 0 || errno == EAGAIN) return conn;
    if (errno == EINTR) die("accept");
    outlive_accept_error();
    return -1;
}

static void welcome(int epoll, int conn)
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

static void go_on_with(int epoll, struct client *client)
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

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
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
                int conn = accept_who_waits(listener);
                if (conn >= 0) welcome(epoll, conn);
            }
        }
    }
}
