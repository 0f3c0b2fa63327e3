// Defect: the thread gets the address of the loop's variable; when it looks, accept() may have put the next one there.

#include "../base.h"
#include <pthread.h>

enum { LINE = 256 << 10 };

static void *answer(void *argument)
{
    char *line = malloc(LINE);
    if (line) memset(line, ' ', LINE);
    int conn = *(int *)argument;

    ssize_t have;
    while (line && (have = read_line(conn, line, LINE)) > 0) {
        capitalise(line, have);
        if (!write_all(conn, line, have) || memchr(line, '\n', have)) break;
    }
    discard_input(conn);
    close(conn);
    free(line);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    int conn;
    pthread_attr_t small;  // with the usual stacks of 8 MB five hundred threads would ask for 4 GB of addresses
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, &conn) != 0) close(conn);
    }
}
