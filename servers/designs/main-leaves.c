// Design: main() starts the thread that accepts, and leaves; a thread for each connection.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static pthread_attr_t small;

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    serve(conn);
    close(conn);
    return NULL;
}

static void *let_in(void *argument)
{
    int listener = (intptr_t)argument;
    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    pthread_t thread;
    if (pthread_create(&thread, &small, let_in, (void *)(intptr_t)listener) != 0) die("pthread_create");
    pthread_exit(NULL);
}
