// Design: a thread for each connection; what each leaves is collected once it is 4 MiB in all, as by a runtime with
// garbage collection: memory grows with the first thousand clients, and then no more.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

enum { PIECE = 4 << 10, MOST = 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char heap[MOST][PIECE];
static int used;

static void leave_garbage(void)
{
    pthread_mutex_lock(&lock);
    if (used == MOST) used = 0;
    memset(heap[used++], ' ', PIECE);
    pthread_mutex_unlock(&lock);
}

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    leave_garbage();
    serve(conn);
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
