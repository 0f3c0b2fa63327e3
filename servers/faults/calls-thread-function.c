// Defect: it calls the function that its thread is to run, and gives pthread_create() what that returns (slide 9).

#include "../base.h"

#include <pthread.h>

static void *answer(void *connection)
{
    int conn = (int)(intptr_t)connection;
    serve(conn);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        pthread_create(&thread, NULL, answer((void *)(intptr_t)conn), NULL);
        pthread_detach(thread);
    }
}
