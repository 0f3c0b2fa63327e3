// pool.h - a pool of WORKERS threads, each serving one client at a time. Sound, but for its size.

#include "../base.h"
#include <pthread.h>

static void *work(void *argument)
{
    int listener = *(int *)argument;
    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    pthread_t workers[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&workers[i], NULL, work, &listener) != 0) die("pthread_create");
    for (int i = 0; i < WORKERS; i++) pthread_join(workers[i], NULL);
}
