// Defect: all threads have the connection in one variable: the next client's takes the place of the one before.

#include "../base.h"
#include <pthread.h>

static int conn;

static void *answer(void *argument)
{
    (void)argument;
    char buf[4096];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf)) > 0) {
        capitalise(buf, have);
        if (!write_all(conn, buf, have) || memchr(buf, '\n', have)) break;
    }
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    pthread_attr_t small;  // with the usual stacks of 8 MB five hundred threads would ask for 4 GB of addresses
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, NULL) != 0) close(conn);
    }
}
