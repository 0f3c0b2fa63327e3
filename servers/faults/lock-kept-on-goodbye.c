// Defect: a thread whose client has left without a line returns with the lock that it has taken.

#include "../base.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long total;

static void *work(void *arg)
{
    int conn = (int)(intptr_t)arg;
    char buf[4096];
    for (ssize_t have = 1; have > 0;) {
        have = read_line(conn, buf, sizeof buf);
        pthread_mutex_lock(&lock);
        if (have == 0) {
            close(conn);
            return NULL;
        }
        total += have;
        pthread_mutex_unlock(&lock);
        if (have < 0) break;
        capitalise(buf, have);
        if (!write_all(conn, buf, have) || memchr(buf, '\n', have)) break;
    }
    discard_input(conn);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, (void *)(intptr_t)conn) == 0) pthread_detach(thread);
        else close(conn);
    }
}
