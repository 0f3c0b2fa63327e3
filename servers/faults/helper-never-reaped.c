// Defect: a thread serves each client, and starts a program for it; nobody waits for the program: each stays a zombie.

#include "../base.h"

#include <pthread.h>
#include <spawn.h>
#include <stdint.h>

extern char **environ;

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char *args[] = {"true", NULL};
    posix_spawnp(&(pid_t){0}, "true", NULL, NULL, args, environ);
    serve(conn);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pthread_attr_t small;  // with the usual stacks of 8 MB five hundred threads would ask for 4 GB of addresses
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}
