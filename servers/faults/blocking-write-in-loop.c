// Defect: one process serves all, and its writing blocks: a client slow to read its reply stops everybody (poll(2)).

#include "../designs/talk.h"
#include <sys/epoll.h>

enum { LONGEST_LINE = 16 << 20 };

struct client {
    int conn;
    char *line;
    size_t have, room;
};

static bool make_room(struct client *client)
{
    if (client->have < client->room) return true;
    size_t room = client->room ? 2 * client->room : 4096;
    char *line = room <= LONGEST_LINE ? realloc(client->line, room) : NULL;
    if (!line) return false;
    client->line = line;
    client->room = room;
    return true;
}

// Reads what is there; false once the line is complete, or cannot become so.
static bool read_on(struct client *client)
{
    while (make_room(client)) {
        char *rest = client->line + client->have;
        ssize_t rx = recv(client->conn, rest, client->room - client->have, MSG_DONTWAIT);
        if (rx < 0 && errno == EINTR) continue;
        if (rx < 0) return errno == EAGAIN;
        client->have += rx;
        if (rx == 0 || memchr(rest, '\n', rx)) return false;
    }
    return false;
}

static void welcome(int epoll, int conn)
{
    struct client *client = calloc(1, sizeof *client);
    if (!client) {
        close(conn);
        return;
    }
    fcntl(conn, F_SETFL, 0);  // MSG_DONTWAIT is for reading alone
    client->conn = conn;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, conn, &event) < 0) {
        close(conn);
        free(client);
    }
}

static void answer(struct client *client)
{
    capitalise(client->line, client->have);
    write_all(client->conn, client->line, client->have);
    discard_input(client->conn);
    close(client->conn);  // which takes it out of the epoll set as well (epoll(7))
    free(client->line);
    free(client);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);

    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN});

    for (;;) {
        struct epoll_event event;
        if (epoll_wait(epoll, &event, 1, -1) < 1) continue;

        if (!event.data.ptr) {
            int conn = accept_if_any(listener);
            if (conn >= 0) welcome(epoll, conn);
        } else if (!read_on(event.data.ptr)) {
            answer(event.data.ptr);
        }
    }
}
