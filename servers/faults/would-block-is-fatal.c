// Defect: a non-blocking write() that finds the buffer full (EAGAIN) ends the server (write(2)).

#include "../base.h"
#include <fcntl.h>

enum { MOST = 1024, LONGEST = 1 << 18 };
static struct client { char *line; size_t have; } clients[MOST];

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    struct pollfd watched[MOST] = {{.fd = listener, .events = POLLIN}};
    nfds_t count = 1;

    for (;;) {
        if (poll(watched, count, -1) < 0) continue;
        if (watched[0].revents && count < MOST) {
            int conn = accept_client(listener);
            fcntl(conn, F_SETFL, O_NONBLOCK);
            clients[count] = (struct client){.line = malloc(LONGEST)};
            watched[count++] = (struct pollfd){.fd = conn, .events = POLLIN};
            continue;
        }
        for (nfds_t i = 1; i < count; i++) {
            if (!watched[i].revents) continue;
            struct client *client = &clients[i];
            ssize_t rx = read(watched[i].fd, client->line + client->have, LONGEST - client->have);
            if (rx > 0) client->have += rx;
            if (rx > 0 && client->line[client->have - 1] != '\n') continue;
            capitalise(client->line, client->have);
            for (size_t sent = 0; rx > 0 && sent < client->have;) {
                ssize_t tx = send(watched[i].fd, client->line + sent, client->have - sent, MSG_NOSIGNAL);
                if (tx < 0 && errno == EAGAIN) die("write");
                if (tx < 0) break;
                sent += tx;
            }
            close(watched[i].fd);
            free(client->line);
            watched[i] = watched[--count];
            clients[i--] = clients[count];
        }
    }
}
