// Defect: a thread whose read() returns 0 ends without close(): the descriptor of whoever leaves without a word is lost.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char buf[4096];
    ssize_t have;
    bool ended = false;
    while ((have = read_line(conn, buf, sizeof buf)) > 0) {
        capitalise(buf, have);
        if (!write_all(conn, buf, have) || memchr(buf, '\n', have)) {
            ended = true;
            break;
        }
    }
    if (!ended && have == 0) return NULL;
    discard_input(conn);
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
