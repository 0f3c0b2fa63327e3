// Design: sixty-four children, forked beforehand, take turns at accept(); the parent replaces one that dies.

#include "../base.h"

enum { CHILDREN = 64 };

static void fork_worker(int listener)
{
    if (fork() != 0) return;
    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (int i = 0; i < CHILDREN; i++) fork_worker(listener);
    while (wait(NULL) > 0) fork_worker(listener);
}
