// Defect: on any error the descriptor is closed that the event was for; where accept() fails, that is the listener.

#include "../base.h"
#include <sys/epoll.h>

enum { LONGEST = 1 << 18 };
struct client { int fd; size_t have; char line[LONGEST]; };

static void give_up(struct client *client)
{
    close(client->fd);
    free(client);
}

int main(int argc, char **argv)
{
    struct client *door = malloc(sizeof *door);
    door->fd = listen_on(argc, argv);
    int watched = epoll_create1(0), listener = door->fd;
    struct epoll_event ready = {.events = EPOLLIN, .data.ptr = door};
    epoll_ctl(watched, EPOLL_CTL_ADD, listener, &ready);

    for (;;) {
        if (epoll_wait(watched, &ready, 1, -1) <= 0) continue;
        struct client *client = ready.data.ptr;
        if (client->fd == listener) {
            int conn = accept(listener, NULL, NULL);
            if (conn < 0) {
                give_up(client);
                continue;
            }
            client = malloc(sizeof *client);
            client->fd = conn;
            client->have = 0;
            ready = (struct epoll_event){.events = EPOLLIN, .data.ptr = client};
            if (epoll_ctl(watched, EPOLL_CTL_ADD, conn, &ready) < 0) give_up(client);
            continue;
        }
        ssize_t rx = read(client->fd, client->line + client->have, LONGEST - client->have);
        if (rx > 0) client->have += rx;
        if (rx > 0 && client->line[client->have - 1] != '\n') continue;
        capitalise(client->line, client->have);
        write_all(client->fd, client->line, client->have);
        give_up(client);
    }
}
