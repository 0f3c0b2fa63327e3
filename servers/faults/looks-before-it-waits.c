// Defect: who starts the threads looks whether a client waits, gives the lock back, and then waits for a signal.

#include "../base.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>

enum { PLACES = 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_come = PTHREAD_COND_INITIALIZER;
static int queue[PLACES], queued, journal;

static int next_client(void)
{
    pthread_mutex_lock(&lock);
    int conn = queued > 0 ? queue[--queued] : -1;
    pthread_mutex_unlock(&lock);
    return conn;
}

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    serve(conn);
    close(conn);
    return NULL;
}

static void *start_threads(void *nothing)
{
    pthread_attr_t small;  // with the usual stacks of 8 MB five hundred threads would ask for 4 GB of addresses
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        for (int conn; (conn = next_client()) >= 0;) {
            pthread_t thread;
            if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
        }
        if (write(journal, ".", 1) < 0) {}
        pthread_mutex_lock(&lock);
        pthread_cond_wait(&has_come, &lock);
        pthread_mutex_unlock(&lock);
    }
    return nothing;
}

int main(int argc, char **argv)
{
    journal = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int listener = listen_on(argc, argv);
    pthread_t starter;
    if (pthread_create(&starter, NULL, start_threads, NULL) != 0) die("pthread_create");

    for (;;) {
        int conn = accept_client(listener);
        pthread_mutex_lock(&lock);
        bool is_full = queued == PLACES;
        if (!is_full) queue[queued++] = conn;
        pthread_cond_signal(&has_come);
        pthread_mutex_unlock(&lock);
        if (is_full) close(conn);
    }
}
