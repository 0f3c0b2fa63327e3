// Defect: the latest connection is taken for the highest: who has a higher one is not looked at while it is there.

#include "../designs/talk.h"
#include <sys/select.h>

static struct talk *talks[FD_SETSIZE];
static fd_set reading, writing;
static int highest;

static void watch(int fd, enum want want)
{
    FD_CLR(fd, &reading);
    FD_CLR(fd, &writing);
    if (want == WANTS_TO_READ) FD_SET(fd, &reading);
    if (want == WANTS_TO_WRITE) FD_SET(fd, &writing);
}

static void welcome(int conn)
{
    if (conn >= FD_SETSIZE || !(talks[conn] = calloc(1, sizeof(struct talk)))) {
        close(conn);  // select(2) cannot watch descriptors from FD_SETSIZE on
        return;
    }
    watch(conn, WANTS_TO_READ);
    highest = conn;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);
    watch(listener, WANTS_TO_READ);
    highest = listener;

    for (;;) {
        fd_set readable = reading, writable = writing;
        if (select(highest + 1, &readable, &writable, NULL, NULL) < 0) continue;

        for (int fd = 0; fd < FD_SETSIZE; fd++) {
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
            if (conn >= 0) welcome(conn);
        }
    }
}
