// Defect: read() has a time limit; who is stopped and goes on finds it failed with EINTR, taken for the client's end.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>
#include <sys/time.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    struct timeval an_hour = {.tv_sec = 3600};
    setsockopt(conn, SOL_SOCKET, SO_RCVTIMEO, &an_hour, sizeof an_hour);
    char buf[4096];
    ssize_t rx;
    while ((rx = read(conn, buf, sizeof buf)) > 0) {
        bool complete = memchr(buf, '\n', rx);
        capitalise(buf, rx);
        if (!write_all(conn, buf, rx) || complete) break;
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
