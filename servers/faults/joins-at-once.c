// Defect: a thread for each client, and pthread_join() right behind it: so clients are served one after the other.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

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

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, NULL, answer, (void *)(intptr_t)conn) == 0)
            pthread_join(thread, NULL);
        else
            close(conn);
    }
}
