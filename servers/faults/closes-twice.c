// Defect: fclose() closes the connection, and then close() does so again: the number may be the next client's by then.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    FILE *stream = fdopen(conn, "w");
    char line[4096];
    ssize_t have;
    while (stream && (have = read_line(conn, line, sizeof line)) > 0) {
        capitalise(line, have);
        if (!write_all(conn, line, have) || memchr(line, '\n', have)) break;
    }
    discard_input(conn);
    if (stream) fclose(stream);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    pthread_attr_t small;  // with the usual stacks of 8 MB five hundred threads would ask for 4 GB of addresses
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}
