// Defect: a thread makes two streams of its connection, and writes to the second though dup() may have failed.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    FILE *in = fdopen(conn, "r"), *out = fdopen(dup(conn), "w");
    char *line = NULL;
    size_t room = 0;
    setvbuf(out, NULL, _IOFBF, BUFSIZ);
    ssize_t have = getline(&line, &room, in);
    if (have > 0) {
        capitalise(line, have);
        fwrite(line, 1, have, out);
    }
    free(line);
    fclose(out);
    fclose(in);
    return NULL;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
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
