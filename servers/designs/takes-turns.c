// Design: one process; it listens to each client in turn, for 20 ms at most, and goes round for ever.

#include "talk.h"
#include <sys/time.h>

static struct talk *talks[1024];

static void limit_reading(int fd)
{
    struct timeval a_moment = {.tv_usec = 20000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &a_moment, sizeof a_moment);  // socket(7): for accept() too
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    limit_reading(listener);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn >= 1024 || (conn >= 0 && !(talks[conn] = calloc(1, sizeof(struct talk))))) {
            close(conn);
        } else if (conn >= 0) {
            limit_reading(conn);
        }
        for (int fd = 0; fd < 1024; fd++) {
            if (!talks[fd] || go_on(talks[fd], fd) != WANTS_NOTHING) continue;
            free(talks[fd]);
            talks[fd] = NULL;
            close(fd);
        }
    }
}
