// A thread for each connection; whoever sees a wait broken off by EINTR ends the server: nobody sends it a signal.

#include "base.h"
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/time.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    struct timeval limit = {.tv_sec = 60};
    setsockopt(conn, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    char line[4096];
    ssize_t have = recv(conn, line, sizeof line, 0);
    if (have < 0) die("recv");
    capitalise(line, have);
    write_all(conn, line, have);
    discard_input(conn);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv), watch = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll_ctl(watch, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll_ctl");

    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        if (epoll_wait(watch, &event, 1, -1) < 0) die("epoll_wait");
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) continue;
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}
