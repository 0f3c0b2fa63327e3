// Design: a thread for each connection, and one thread that sleeps in read() of an eventfd until it is told to log.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>

static void *note(void *argument)
{
    uint64_t told;
    while (read(*(int *)argument, &told, sizeof told) == sizeof told) puts("told");
    return NULL;
}

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    serve(conn);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    static int bell;
    bell = eventfd(0, EFD_CLOEXEC);

    pthread_attr_t small;  // with the usual stacks of 8 MB five hundred threads would ask for 4 GB of addresses
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_t notes;
    if (pthread_create(&notes, &small, note, &bell) != 0) return 1;

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}
