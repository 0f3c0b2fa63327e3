// Design: a hundred and fifty threads, started beforehand, take turns at accept().

#include "../base.h"
#include <pthread.h>

enum { WORKERS = 150 };

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

    for (int i = 0; i < WORKERS; i++) {
        pthread_t worker;
        if (pthread_create(&worker, NULL, work, &listener) != 0) die("pthread_create");
    }
    for (;;) pause();
}
