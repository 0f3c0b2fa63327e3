// Defect: the child takes the listener out of the epoll that it shares with its parent (epoll(7)).

#include "../base.h"
#include <sys/epoll.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    int watched = epoll_create1(0);
    struct epoll_event ready = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(watched, EPOLL_CTL_ADD, listener, &ready) < 0) die("epoll_ctl");

    for (;;) {
        if (epoll_wait(watched, &ready, 1, -1) <= 0) continue;
        int conn = accept_client(listener);
        if (fork() == 0) {
            epoll_ctl(watched, EPOLL_CTL_DEL, listener, NULL);
            close(watched);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
