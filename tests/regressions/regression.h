// regression.h - one sound server that forks; a regression is what it does in one place more.

#ifndef REGRESSION_H
#define REGRESSION_H

#include "../../servers/base.h"

static int clients;  // that were accepted so far

static void in_parent(int conn);  // what the parent does with a client, but for closing the connection
static void in_child(void);       // what a child does before it answers

static inline int fork_for_each(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        clients++;
        if (fork() == 0) {
            close(listener);
            in_child();
            serve(conn);
            close(conn);
            _exit(0);
        }
        in_parent(conn);
    }
}

int main(int argc, char **argv)
{
    return fork_for_each(argc, argv);
}

#endif
