// Defect: an event may be EPOLLIN and EPOLLRDHUP at once; both branches free the client.

#include "../designs/talk.h"
#include <sys/epoll.h>

struct client {
    int conn;
    struct talk talk;
};

static void forget(struct client *client)
{
    close(client->conn);
    free(client);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN});

    for (;;) {
        struct epoll_event event;
        if (epoll_wait(epoll, &event, 1, -1) < 1) continue;
        struct client *client = event.data.ptr;
        if (!client) {
            int conn = accept_if_any(listener);
            if (conn < 0) continue;
            if (!(client = calloc(1, sizeof *client))) {
                close(conn);
                continue;
            }
            client->conn = conn;
            event = (struct epoll_event){.events = EPOLLIN | EPOLLRDHUP, .data.ptr = client};
            epoll_ctl(epoll, EPOLL_CTL_ADD, conn, &event);
            continue;
        }
        if (event.events & (EPOLLIN | EPOLLOUT)) {
            enum want want = go_on(&client->talk, client->conn);
            if (want == WANTS_NOTHING) forget(client);
            else {
                struct epoll_event next = {.data.ptr = client};
                next.events = want == WANTS_TO_READ ? EPOLLIN | EPOLLRDHUP : EPOLLOUT;
                epoll_ctl(epoll, EPOLL_CTL_MOD, client->conn, &next);
            }
        }
        if (event.events & EPOLLRDHUP) forget(client);
    }
}
