// Defect: nobody joins or detaches the threads, so the stack of each stays when it has ended (pthread_join(3)).

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static _Thread_local char line[48 << 10];  // at the upper end of the thread's stack

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    memset(line, ' ', sizeof line);

    ssize_t have;
    while ((have = read_line(conn, line, sizeof line)) > 0) {
        capitalise(line, have);
        if (!write_all(conn, line, have) || memchr(line, '\n', have)) break;
    }
    discard_input(conn);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}
