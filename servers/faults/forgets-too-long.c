// Defect: a line that does not fit into its buffer is given up, and its connection is never closed.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char line[16384];
    ssize_t size = 0, got;

    while ((got = read(conn, line + size, sizeof line - size)) > 0) {
        size += got;
        if (memchr(line, '\n', size)) break;
        if (size == sizeof line) {
            fprintf(stderr, "line too long\n");
            return NULL;
        }
    }
    if (size > 0) {
        capitalise(line, size);
        write_all(conn, line, size);
    }
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
