// Defect: a client takes one of fifty places, and gives it back once it is answered; who leaves before keeps it.

#include "../base.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>

static sem_t places;

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char buf[4096];
    ssize_t have = read_line(conn, buf, sizeof buf);
    if (have <= 0) {
        close(conn);
        return NULL;
    }
    do {
        capitalise(buf, have);
        if (!write_all(conn, buf, have) || memchr(buf, '\n', have)) break;
    } while ((have = read_line(conn, buf, sizeof buf)) > 0);
    discard_input(conn);
    close(conn);
    sem_post(&places);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    sem_init(&places, 0, 50);

    pthread_attr_t small;  // with the usual stacks of 8 MB five hundred threads would ask for 4 GB of addresses
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        while (sem_wait(&places) < 0) {}
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) {
            close(conn);
            sem_post(&places);
        }
    }
}
