// Defect: what each thread is given, with its buffer, is allocated and never freed (malloc(3)).

#include "../base.h"
#include <pthread.h>

struct client {
    int conn;
    char line[4096];
};

static void *answer(void *argument)
{
    struct client *client = argument;
    ssize_t have;
    while ((have = read_line(client->conn, client->line, sizeof client->line)) > 0) {
        capitalise(client->line, have);
        if (!write_all(client->conn, client->line, have) || memchr(client->line, '\n', have)) break;
    }
    discard_input(client->conn);
    close(client->conn);
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
        struct client *client = malloc(sizeof *client);
        pthread_t thread;
        if (client != NULL) client->conn = conn;
        if (client == NULL || pthread_create(&thread, &small, answer, client) != 0) {
            free(client);
            close(conn);
            continue;
        }
        pthread_detach(thread);
    }
}
