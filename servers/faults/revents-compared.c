// Defect: revents == POLLIN is false where POLLERR and POLLHUP are set, too: who breaks off is never closed (poll(2)).

#include "../base.h"

enum { MOST = 1024, LONGEST = 1 << 18 };
static struct client { char *line; size_t have; } clients[MOST];

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    struct pollfd watched[MOST] = {{.fd = listener, .events = POLLIN}};
    nfds_t count = 1;

    for (;;) {
        if (poll(watched, count, -1) < 0) continue;
        if (watched[0].revents == POLLIN) {
            int conn = accept_client(listener);
            if (count == MOST) close(conn);
            else {
                clients[count] = (struct client){.line = malloc(LONGEST)};
                watched[count++] = (struct pollfd){.fd = conn, .events = POLLIN};
            }
        }
        for (nfds_t i = 1; i < count; i++) {
            struct client *client = &clients[i];
            if (watched[i].revents != POLLIN) continue;
            ssize_t rx = read(watched[i].fd, client->line + client->have, LONGEST - client->have);
            if (rx > 0) client->have += rx;
            if (rx > 0 && client->line[client->have - 1] != '\n') continue;
            capitalise(client->line, client->have);
            write_all(watched[i].fd, client->line, client->have);
            close(watched[i].fd);
            free(client->line);
            watched[i] = watched[--count];
            clients[i--] = clients[count];
        }
    }
}
