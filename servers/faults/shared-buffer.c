// Defect: all threads collect their lines in one static buffer: what two clients send by halves is mixed.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static char line[16 << 20];
static size_t have;
static pthread_mutex_t in_use = PTHREAD_MUTEX_INITIALIZER;

// Adds a part to the line. Once it is complete it is the reply, which is the caller's to free; until then NULL.
static char *add(const char *part, size_t size, size_t *reply_size)
{
    memcpy(line + have, part, size);
    have += size;
    bool complete = size == 0 || memchr(part, '\n', size) || sizeof line - have < 4096;
    if (!complete) return NULL;

    char *reply = malloc(have + 1);
    if (reply) memcpy(reply, line, *reply_size = have);
    have = 0;
    return reply;
}

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    char part[4096], *reply = NULL;
    size_t size = 0;
    for (ssize_t rx = 1; rx > 0 && !reply;) {
        do rx = read(conn, part, sizeof part);
        while (rx < 0 && errno == EINTR);
        pthread_mutex_lock(&in_use);
        reply = add(part, rx > 0 ? rx : 0, &size);
        pthread_mutex_unlock(&in_use);
    }
    if (reply) {
        capitalise(reply, size);
        write_all(conn, reply, size);
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
