// Design: a thread is started for each of the first 150 clients; whoever comes then is served by who has nothing to do.

#include <pthread.h>

#include "../base.h"

enum { MOST = 150 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int waiting[4096], first, last;

static void *serve_for_ever(void *conn)
{
    for (int now = (int)(long)conn;;) {
        serve(now);
        close(now);
        pthread_mutex_lock(&lock);
        while (first == last) pthread_cond_wait(&work, &lock);
        now = waiting[first++ % 4096];
        pthread_mutex_unlock(&lock);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (int threads = 0;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (threads < MOST && pthread_create(&thread, NULL, serve_for_ever, (void *)(long)conn) == 0) {
            threads++;
            continue;
        }
        pthread_mutex_lock(&lock);
        waiting[last++ % 4096] = conn;
        pthread_cond_signal(&work);
        pthread_mutex_unlock(&lock);
    }
}
