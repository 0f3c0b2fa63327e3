// Defect: once select() calls a client readable, it reads on until the line is complete; half a line stops everybody.

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

static void welcome(int conn)
{
    if (conn >= FD_SETSIZE || !(talks[conn] = calloc(1, sizeof(struct talk)))) {
        close(conn);  // select(2) cannot watch descriptors from FD_SETSIZE on
        return;
    }
    watch(conn, WANTS_TO_READ);
}

// The reading sleeps, the writing does not.
static enum want read_line_then_go_on(struct talk *talk, int conn)
{
    if (!talk->answering) {
        fcntl(conn, F_SETFL, 0);
        ssize_t have = read_line(conn, talk->buf, sizeof talk->buf);
        set_nonblocking(conn);
        if (have <= 0) return WANTS_NOTHING;

        capitalise(talk->buf, have);
        talk->have = have;
        talk->last = memchr(talk->buf, '\n', have);
        talk->answering = true;
    }
    return go_on(talk, conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);
    watch(listener, WANTS_TO_READ);

    for (;;) {
        fd_set readable = reading, writable = writing;
        if (select(FD_SETSIZE, &readable, &writable, NULL, NULL) < 0) continue;

        for (int fd = 0; fd < FD_SETSIZE; fd++) {
            if (!talks[fd] || !(FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable))) continue;
            enum want want = read_line_then_go_on(talks[fd], fd);
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
