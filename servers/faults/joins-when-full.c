// Defect: when a hundred threads have been started, it joins them all, and one of them serves a silent client.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

enum { ROOM = 100 };

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
    pthread_t threads[ROOM];

    for (int count = 0;;) {
        int conn = accept_client(listener);
        if (pthread_create(&threads[count], NULL, answer, (void *)(intptr_t)conn) != 0) {
            close(conn);
            continue;
        }
        if (++count < ROOM) continue;
        while (count > 0) pthread_join(threads[--count], NULL);
    }
}
