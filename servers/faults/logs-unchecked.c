// Defect: each thread opens the log and writes into it, though fopen() returns NULL when no descriptor is left.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    FILE *log = fopen("/dev/null", "a");
    fprintf(log, "serving %d\n", conn);
    serve(conn);
    fclose(log);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}
