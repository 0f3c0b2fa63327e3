// Defect: EPOLLET tells once of what has come, and one read() takes 100 bytes of it: the rest lies there (epoll(7)).

#include "../base.h"
#include <fcntl.h>
#include <sys/epoll.h>

enum { LONGEST = 1 << 18, PIECE = 100 };
struct client { int fd; size_t have; char line[LONGEST + PIECE]; };

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv), watched = epoll_create1(0);
    struct epoll_event ready = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(watched, EPOLL_CTL_ADD, listener, &ready);

    for (;;) {
        if (epoll_wait(watched, &ready, 1, -1) <= 0) continue;
        struct client *client = ready.data.ptr;
        if (!client) {
            int conn = accept_client(listener);
            if (!(client = malloc(sizeof *client))) die("malloc");
            client->fd = conn;
            client->have = 0;
            fcntl(conn, F_SETFL, O_NONBLOCK);
            ready = (struct epoll_event){.events = EPOLLIN | EPOLLET, .data.ptr = client};
            epoll_ctl(watched, EPOLL_CTL_ADD, conn, &ready);
            continue;
        }
        ssize_t rx = read(client->fd, client->line + client->have, PIECE);
        if (rx > 0) client->have += rx;
        if (rx > 0 && client->line[client->have - 1] != '\n' && client->have < LONGEST) continue;
        capitalise(client->line, client->have);
        write_all(client->fd, client->line, client->have);
        close(client->fd);
        free(client);
    }
}
