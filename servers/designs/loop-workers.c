// Design: four processes, forked beforehand, each of which serves many clients with epoll; the parent replaces one that dies.

#include "talk.h"
#include <sys/epoll.h>

enum { WORKERS = 4 };

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

static void serve_many(int listener)
{
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

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);

    for (int workers = 0;;) {
        while (workers < WORKERS) {
            pid_t pid = fork();
            if (pid == 0) serve_many(listener);
            if (pid < 0) break;
            workers++;
        }
        if (workers < WORKERS) poll(NULL, 0, 100);  // fork() has failed, and may soon be luckier
        while (waitpid(-1, NULL, workers < WORKERS ? WNOHANG : 0) > 0) workers--;
    }
}
