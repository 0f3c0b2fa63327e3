// Design: a hundred and fifty children, forked beforehand, take turns at accept(); the parent replaces one that dies.

#include "../base.h"

enum { CHILDREN = 150 };

static bool fork_worker(int listener)
{
    pid_t pid = fork();
    if (pid != 0) return pid > 0;
    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (int workers = 0;;) {
        while (workers < CHILDREN && fork_worker(listener)) workers++;
        if (workers < CHILDREN) poll(NULL, 0, 100);  // fork() has failed, and may soon be luckier
        while (waitpid(-1, NULL, workers < CHILDREN ? WNOHANG : 0) > 0) workers--;
    }
}
