// Defect: it takes whatever descriptor accept() gives, though its table and select(2) end at FD_SETSIZE.

#include "../designs/talk.h"
#include <sys/select.h>

enum { LISTENERS = 64 };

static struct {
    struct talk *talks[FD_SETSIZE];
    volatile size_t paused[LISTENERS];  // where talks[FD_SETSIZE] and those behind it would lie
    fd_set reading, writing;
} all;

static bool is_paused(void)
{
    for (int n = 0; n < LISTENERS; n++)
        if (all.paused[n]) return true;
    return false;
}

static void watch(int fd, enum want want)
{
    FD_CLR(fd, &all.reading);
    FD_CLR(fd, &all.writing);
    if (want == WANTS_TO_READ) FD_SET(fd, &all.reading);
    if (want == WANTS_TO_WRITE) FD_SET(fd, &all.writing);
}

static void welcome(int conn)
{
    if (!(all.talks[conn] = calloc(1, sizeof(struct talk)))) {
        close(conn);
        return;
    }
    watch(conn, WANTS_TO_READ);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);
    watch(listener, WANTS_TO_READ);

    for (;;) {
        fd_set readable = all.reading, writable = all.writing;
        if (select(FD_SETSIZE, &readable, &writable, NULL, NULL) < 0) continue;

        for (int fd = 0; fd < FD_SETSIZE; fd++) {
            if (!all.talks[fd] || !(FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable))) continue;
            enum want want = go_on(all.talks[fd], fd);
            watch(fd, want);
            if (want == WANTS_NOTHING) {
                free(all.talks[fd]);
                all.talks[fd] = NULL;
                close(fd);
            }
        }

        if (!is_paused() && FD_ISSET(listener, &readable)) {
            int conn = accept_if_any(listener);
            if (conn >= 0) welcome(conn);
        }
    }
}
