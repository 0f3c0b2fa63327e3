// Design: waits for its user and for the server at the same time, and so hears at once that the server has gone.

#include "../base.h"
#include <poll.h>

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    printf("> ");
    fflush(stdout);
    struct pollfd both[] = { { .fd = 0, .events = POLLIN }, { .fd = sock, .events = POLLIN } };
    char data[LONGEST];
    while (poll(both, 2, -1) > 0) {
        if (both[1].revents) {
            ssize_t got = read(sock, data, sizeof data);
            if (got <= 0) {
                fprintf(stderr, "the server has gone\n");
                return 1;
            }
            show(data, got);
            if (memchr(data, '\n', got)) return 0;
        } else if (both[0].revents) {
            ssize_t got = read(0, data, sizeof data);
            if (got <= 0) return 0;
            send_all(sock, data, got);
        }
    }
}
