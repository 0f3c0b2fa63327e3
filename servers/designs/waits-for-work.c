// Design: 64 threads sleep in read() on one eventfd, each wakes for one client; they receive by recv().

#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>

#include "../base.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int given[4096], top, bell;

static void serve_by_recv(int conn)
{
    char buf[4096];
    ssize_t have;
    while ((have = recv(conn, buf, sizeof buf, 0)) > 0 || (have < 0 && errno == EINTR)) {
        if (have < 0) continue;
        capitalise(buf, have);
        if (!write_all(conn, buf, have) || memchr(buf, '\n', have)) break;
    }
    discard_input(conn);
}

static void *work(void *unused)
{
    (void)unused;
    for (uint64_t one;;) {
        if (read(bell, &one, sizeof one) != sizeof one) die("eventfd");
        pthread_mutex_lock(&lock);
        int conn = given[--top];
        pthread_mutex_unlock(&lock);
        serve_by_recv(conn);
        close(conn);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    bell = eventfd(0, EFD_SEMAPHORE);
    for (int i = 0; i < 64; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, NULL) != 0) die("pthread_create");
    }

    for (uint64_t one = 1;;) {
        int conn = accept_client(listener);
        pthread_mutex_lock(&lock);
        given[top++] = conn;
        pthread_mutex_unlock(&lock);
        if (write(bell, &one, sizeof one) < 0) die("eventfd");
    }
}
