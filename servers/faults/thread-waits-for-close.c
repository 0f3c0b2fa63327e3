// Defect: after its reply the thread reads on until the client closes, who waits for the server's close (slide 10).

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    serve_lines(conn);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, NULL, answer, (void *)(intptr_t)conn) == 0) pthread_detach(thread);
        else close(conn);
    }
}
