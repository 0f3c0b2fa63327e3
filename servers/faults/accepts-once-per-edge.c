// Defect: EPOLLET tells once of all who wait, and it accepts one: the others stay in the queue (epoll(7)).

#include "../designs/talk.h"
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
    epoll_ctl(epoll, EPOLL_CTL_ADD, conn, &event);
}

static void go_on_with(int epoll, struct client *client)
{
    enum want want = go_on(&client->talk, client->conn);
    if (want == WANTS_NOTHING) {
        close(client->conn);
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
    struct epoll_event arrival = {.events = EPOLLIN | EPOLLET, .data.ptr = NULL};
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
