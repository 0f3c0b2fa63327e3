// Design: one process; it listens to each client in turn, for 20 ms at most, and goes round for ever.

#include "talk.h"
#include <sys/time.h>

static struct talk *talks[1024];

static void limit_waiting(int fd)
{
    struct timeval a_moment = {.tv_usec = 20000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &a_moment, sizeof a_moment);  // socket(7): for accept() too
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &a_moment, sizeof a_moment);
}

static bool welcome_next(int listener)
{
    int conn = accept(listener, NULL, NULL);
    if (conn < 0) outlive_accept_error();
    else if (conn >= 1024 || !(talks[conn] = calloc(1, sizeof(struct talk)))) close(conn);
    else limit_waiting(conn);
    return conn >= 0;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    limit_waiting(listener);

    for (;;) {
        for (int i = 0; i < 16 && welcome_next(listener); i++) {}

        for (int fd = 0; fd < 1024; fd++) {
            if (!talks[fd] || go_on(talks[fd], fd) != WANTS_NOTHING) continue;
            free(talks[fd]);
            talks[fd] = NULL;
            close(fd);
        }
    }
}
