// Defect: what a client has typed is kept under its descriptor; who breaks off in mid-line leaves it to the next one there.

#include "../designs/talk.h"

enum { MOST = 1024 };

static struct pollfd watched[MOST];
static struct talk *talks[MOST];  // by descriptor
static int count;

static void welcome(int conn)
{
    if (count == MOST || conn >= MOST || (!talks[conn] && !(talks[conn] = calloc(1, sizeof *talks[conn])))) {
        close(conn);
        return;
    }
    watched[count++] = (struct pollfd){.fd = conn, .events = POLLIN};
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);
    watched[count++] = (struct pollfd){.fd = listener, .events = POLLIN};

    for (;;) {
        if (poll(watched, count, -1) < 0) {
            if (errno != EINTR) poll(NULL, 0, 100);
            continue;
        }
        for (int i = count - 1; i > 0; i--) {
            if (!watched[i].revents) continue;
            struct talk *talk = talks[watched[i].fd];
            enum want want = go_on(talk, watched[i].fd);
            if (want == WANTS_NOTHING) {
                if (talk->last || talk->answering) *talk = (struct talk){0};
                close(watched[i].fd);
                watched[i] = watched[--count];
            } else {
                watched[i].events = want == WANTS_TO_READ ? POLLIN : POLLOUT;
            }
        }
        if (watched[0].revents) {
            int conn = accept_if_any(listener);
            if (conn >= 0) welcome(conn);
        }
    }
}
