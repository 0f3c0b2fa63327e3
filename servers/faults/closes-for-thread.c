// Defect: main() closes the connection behind pthread_create(), as after fork(): but threads share their descriptors.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char line[4096];
    ssize_t size = read(conn, line, sizeof line);
    if (size < 0) perror("read");
    if (size > 0) {
        capitalise(line, size);
        write_all(conn, line, size);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        pthread_create(&thread, &detached, answer, (void *)(intptr_t)conn);
        poll(NULL, 0, 10);  // by then the thread is in read(), mostly
        close(conn);
    }
}
