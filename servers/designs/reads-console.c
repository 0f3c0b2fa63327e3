// Design: a thread for each connection, and beside it one that reads what is typed where the server was started.

#include <pthread.h>

#include "../base.h"

static void *life(void *conn)
{
    serve((int)(long)conn);
    close((int)(long)conn);
    return NULL;
}

static void *accept_clients(void *listener)
{
    for (;;) {
        int conn = accept_client((int)(long)listener);
        pthread_t thread;
        if (pthread_create(&thread, NULL, life, (void *)(long)conn) != 0) close(conn);
        else pthread_detach(thread);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pthread_t acceptor;
    if (pthread_create(&acceptor, NULL, accept_clients, (void *)(long)listener) != 0) die("pthread_create");

    char command[80];
    while (read(STDIN_FILENO, command, sizeof command) > 0)
        if (strncmp(command, "quit", 4) == 0) break;
    return 0;
}
