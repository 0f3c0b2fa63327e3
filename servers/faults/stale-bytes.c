// Defect: replies are made in one static buffer and end where strlen() says: a longer line leaves its tail behind.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static char text[4096 + 1];
static pthread_mutex_t in_use = PTHREAD_MUTEX_INITIALIZER;

// The copy is the caller's to free.
static char *capitalised(const char *line, size_t size)
{
    pthread_mutex_lock(&in_use);
    memcpy(text, line, size);
    capitalise(text, size);
    char *copy = strdup(text);
    pthread_mutex_unlock(&in_use);
    return copy;
}

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char line[4096];
    ssize_t size;
    bool more = true;
    while (more && (size = read_line(conn, line, sizeof line)) > 0) {
        char *reply = capitalised(line, size);
        more = reply && write_all(conn, reply, strlen(reply)) && !memchr(line, '\n', size);
        free(reply);
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
