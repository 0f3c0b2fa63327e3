// Defect: select() is told the highest descriptor, not one more: the newest connection is never looked at (select(2)).

#include "../designs/talk.h"
#include <sys/select.h>

static struct talk *talks[FD_SETSIZE];
static fd_set reading, writing;

static void watch(int fd, enum want want)
{
    FD_CLR(fd, &reading);
    FD_CLR(fd, &writing);
    if (want == WANTS_TO_READ) FD_SET(fd, &reading);
    if (want == WANTS_TO_WRITE) FD_SET(fd, &writing);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv), highest = listener + 1;
    set_nonblocking(listener);
    watch(listener, WANTS_TO_READ);

    for (;;) {
        fd_set readable = reading, writable = writing;
        if (select(highest, &readable, &writable, NULL, NULL) < 0) continue;

        for (int fd = 0; fd < highest; fd++) {
            if (!talks[fd] || !(FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable))) continue;
            enum want want = go_on(talks[fd], fd);
            watch(fd, want);
            if (want == WANTS_NOTHING) {
                free(talks[fd]);
                talks[fd] = NULL;
                close(fd);
            }
        }

        if (FD_ISSET(listener, &readable)) {
            int conn = accept_if_any(listener);
            if (conn < 0) continue;
            if (conn >= FD_SETSIZE || !(talks[conn] = calloc(1, sizeof(struct talk)))) {
                close(conn);
                continue;
            }
            watch(conn, WANTS_TO_READ);
            if (conn > highest) highest = conn;
        }
    }
}
