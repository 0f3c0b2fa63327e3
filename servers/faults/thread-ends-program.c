// Defect: its thread ends as a child does, by exit(0): that ends all threads, and the server (exit(3)).

#include "../base.h"
#include <pthread.h>

static void *answer(void *argument)
{
    int conn = (int)(long)argument;
    serve(conn);
    close(conn);
    exit(0);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, NULL, answer, (void *)(long)conn) == 0) pthread_detach(thread);
        else close(conn);
    }
}
