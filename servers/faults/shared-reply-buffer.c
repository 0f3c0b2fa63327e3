// Defect: all threads write their replies from one static buffer: who has to wait in write() sends another's bytes.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static char reply[4096];

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char line[sizeof reply];
    ssize_t have;
    while ((have = read_line(conn, line, sizeof line)) > 0) {
        for (ssize_t i = 0; i < have; i++) reply[i] = toupper((unsigned char)line[i]);
        if (!write_all(conn, reply, have) || memchr(line, '\n', have)) break;
    }
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
