// Defect: pthread_cond_wait() stands behind an if: one client wakes all workers, and only the first of them finds one.

#include "../base.h"
#include <pthread.h>

enum { WORKERS = 60, ROOM = 256 };

static int queue[ROOM], first, last, waiting;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER, room = PTHREAD_COND_INITIALIZER;

static int take(void)
{
    pthread_mutex_lock(&lock);
    if (waiting == 0) pthread_cond_wait(&more, &lock);
    int conn = queue[first];
    first = (first + 1) % ROOM;
    waiting--;
    pthread_cond_signal(&room);
    pthread_mutex_unlock(&lock);
    return conn;
}

static void put(int conn)
{
    pthread_mutex_lock(&lock);
    while (waiting == ROOM) pthread_cond_wait(&room, &lock);
    queue[last] = conn;
    last = (last + 1) % ROOM;
    waiting++;
    pthread_cond_broadcast(&more);
    pthread_mutex_unlock(&lock);
}

static void *work(void *argument)
{
    for (;;) {
        int conn = take();
        serve(conn);
        close(conn);
    }
    return argument;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    pthread_t worker;
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&worker, NULL, work, NULL) != 0) die("pthread_create");
    for (;;) put(accept_client(listener));
}
