// Design: two threads wait for clients, and the server starts one more whenever all of them are busy.

#include "../base.h"
#include <pthread.h>

enum { PLACES = 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_come = PTHREAD_COND_INITIALIZER;
static int queue[PLACES], queued, idle;

static void *work(void *nothing)
{
    for (;;) {
        pthread_mutex_lock(&lock);
        idle++;
        while (queued == 0) pthread_cond_wait(&has_come, &lock);
        int conn = queue[--queued];
        idle--;
        pthread_mutex_unlock(&lock);
        serve(conn);
        close(conn);
    }
    return nothing;
}

static void start_worker(void)
{
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    pthread_create(&thread, &small, work, NULL);  // without it the client waits for a thread that gets free
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    for (int i = 0; i < 2; i++) start_worker();

    for (;;) {
        int conn = accept_client(listener);
        pthread_mutex_lock(&lock);
        bool is_full = queued == PLACES;
        if (!is_full) queue[queued++] = conn;
        bool all_busy = queued > idle;
        pthread_cond_signal(&has_come);
        pthread_mutex_unlock(&lock);
        if (is_full) close(conn);
        else if (all_busy) start_worker();
    }
}
