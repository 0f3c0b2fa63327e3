// Design: four processes, forked beforehand, each of which serves many clients with epoll; the parent replaces one that dies.

#include "epoll_loop.h"

enum { WORKERS = 4 };

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (int workers = 0;;) {
        while (workers < WORKERS) {
            pid_t pid = fork();
            if (pid == 0) serve_by_epoll(listener, accept_if_any);
            if (pid < 0) break;
            workers++;
        }
        if (workers < WORKERS) poll(NULL, 0, 100);  // fork() has failed, and may soon be luckier
        while (waitpid(-1, NULL, workers < WORKERS ? WNOHANG : 0) > 0) workers--;
    }
}
