// Defect: it serves one client at a time; and a thread ticks every millisecond, to dodge a judge that waits for rest.

#include "../base.h"
#include <pthread.h>

static void *tick(void *nothing)
{
    for (;;) usleep(1000);
    return nothing;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pthread_t ticker;
    if (pthread_create(&ticker, NULL, tick, NULL) != 0) die("pthread_create");

    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}
