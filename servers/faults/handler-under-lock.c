// Defect: one lock for everything: while a thread writes its log under it, for 20 ms, none can answer its client.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void capitalise_locked(char *buf, size_t size)
{
    pthread_mutex_lock(&lock);
    capitalise(buf, size);
    pthread_mutex_unlock(&lock);
}

static void write_log(void)
{
    pthread_mutex_lock(&lock);
    usleep(20000);
    pthread_mutex_unlock(&lock);
}

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char buf[4096];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf)) > 0) {
        capitalise_locked(buf, have);
        if (!write_all(conn, buf, have) || memchr(buf, '\n', have)) break;
    }
    write_log();
    discard_input(conn);
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
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}
