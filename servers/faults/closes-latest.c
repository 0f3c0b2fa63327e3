// Defect: the thread serves its own client, and closes what the variable holds then: the connection of whoever came last.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static int conn;

static void *serve_one(void *mine)
{
    serve((int)(intptr_t)mine);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    for (;;) {
        pthread_t thread;
        conn = accept_client(listener);
        if (pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)conn) == 0) pthread_detach(thread);
        else close(conn);
    }
}
