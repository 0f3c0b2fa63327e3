// Defect: a thread for each client forks a child to answer it, and the child keeps its copies of all other connections.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static int listener;

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char line[4096];
    ssize_t have = read_line(conn, line, sizeof line);
    if (have > 0 && fork() == 0) {
        close(listener);
        do {
            capitalise(line, have);
            if (!write_all(conn, line, have) || memchr(line, '\n', have)) break;
        } while ((have = read_line(conn, line, sizeof line)) > 0);
        discard_input(conn);
        _exit(0);
    }
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    listener = listen_on(argc, argv);
    reap_on_sigchld();

    pthread_attr_t small;  // with the usual stacks of 8 MB five hundred threads would ask for 4 GB of addresses
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}
