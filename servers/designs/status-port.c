// Design: one process and epoll, and beside it a helper process that listens on a port of its own, as many a daemon's.

#include "talk.h"
#include <sys/epoll.h>

struct client {
    struct talk talk;
    int conn;
};

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
                int conn = accept_if_any(listener);
                if (conn >= 0) welcome(epoll, conn);
            }
        }
    }
}
