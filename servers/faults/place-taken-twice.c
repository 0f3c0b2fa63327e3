// Defect: a thread looks for a free place, and marks it as taken only when it has set up its connection.

#include "../base.h"
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>

enum { PLACES = 1024 };

static struct place { bool is_taken; int conn; } places[PLACES];

static struct place *free_place(void)
{
    for (int i = 0; i < PLACES; i++)
        if (!places[i].is_taken) return &places[i];
    return NULL;
}

static struct place *take_place(int conn)
{
    struct place *place = free_place();
    if (!place) return NULL;
    setsockopt(conn, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    place->is_taken = true;
    place->conn = conn;
    return place;
}

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    struct place *place = take_place(conn);
    if (!place) {
        close(conn);
        return NULL;
    }
    char line[4096];
    ssize_t have;
    while ((have = read_line(place->conn, line, sizeof line)) > 0) {
        capitalise(line, have);
        if (!write_all(place->conn, line, have) || memchr(line, '\n', have)) break;
    }
    discard_input(place->conn);
    close(place->conn);
    place->is_taken = false;
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
