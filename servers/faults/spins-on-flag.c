// Defect: a thread that starts the others looks at a variable without rest, until the one that accepts has set it.

#include "../base.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

static atomic_int given = -1;

static void *answer(void *conn)
{
    serve((int)(intptr_t)conn);
    close((int)(intptr_t)conn);
    return NULL;
}

static void *start_threads(void *unused)
{
    (void)unused;
    for (;;) {
        int conn = given;
        if (conn < 0) continue;
        given = -1;
        pthread_t thread;
        if (pthread_create(&thread, NULL, answer, (void *)(intptr_t)conn) == 0) pthread_detach(thread);
        else close(conn);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pthread_t thread;
    if (pthread_create(&thread, NULL, start_threads, NULL) != 0) return 1;
    for (;;) {
        int conn = accept_client(listener);
        while (given >= 0) usleep(100);
        given = conn;
    }
}
