// Fault: a thread for each connection, and when its client has been served it waits for ever instead of ending.

#include <pthread.h>

#include "../base.h"

static void *life(void *conn)
{
    serve((int)(long)conn);
    close((int)(long)conn);
    for (;;) pause();
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, NULL, life, (void *)(long)conn) != 0) close(conn);
        else pthread_detach(thread);
    }
}
