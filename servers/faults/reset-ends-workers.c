// Defect: a thread of the pool returns when read() fails, and nobody starts another in its place.

#include "../base.h"
#include <pthread.h>

enum { WORKERS = 40 };

static void *work(void *argument)
{
    int listener = *(int *)argument;
    char buf[4096];
    ssize_t have = 0;
    while (have >= 0) {
        int conn = accept_client(listener);
        while ((have = read_line(conn, buf, sizeof buf)) > 0) {
            capitalise(buf, have);
            if (!write_all(conn, buf, have) || memchr(buf, '\n', have)) break;
        }
        discard_input(conn);
        close(conn);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (int i = 0; i < WORKERS; i++) {
        pthread_t worker;
        if (pthread_create(&worker, NULL, work, &listener) != 0) die("pthread_create");
    }
    for (;;) pause();
}
