// Defect: with more than ten clients it collects replies, to write them together; the last waits for another event.

#include "../designs/talk.h"

enum { MOST = 1 + 4096, FEW = 1 + 10 };  // the listener included

static struct pollfd watched[MOST];
static struct talk *talks[MOST];
static int count;

static void welcome(int conn)
{
    struct talk *talk = count < MOST ? calloc(1, sizeof *talk) : NULL;
    if (!talk) {
        close(conn);
        return;
    }
    talks[count] = talk;
    watched[count++] = (struct pollfd){.fd = conn, .events = POLLIN};
}

static void forget(int i)
{
    close(watched[i].fd);
    free(talks[i]);
    count--;
    watched[i] = watched[count];
    talks[i] = talks[count];
}

// Reads what is there. False: the client has gone without a word.
static bool read_on(struct talk *talk, int conn)
{
    ssize_t rx = read(conn, talk->buf + talk->have, sizeof talk->buf - talk->have);
    if (rx < 0) return errno == EAGAIN || errno == EINTR;
    capitalise(talk->buf + talk->have, rx);
    talk->last = rx == 0 || memchr(talk->buf + talk->have, '\n', rx);
    talk->have += rx;
    talk->answering = talk->last || talk->have == sizeof talk->buf;
    return talk->have > 0;
}

static void serve_next(int i)
{
    struct talk *talk = talks[i];
    if (!talk->answering) {
        if (!read_on(talk, watched[i].fd)) {
            forget(i);
            return;
        }
        if (!talk->answering) return;
        watched[i].events = 0;
        if (count > FEW) return;
    }
    enum want want = go_on(talk, watched[i].fd);
    if (want == WANTS_NOTHING) forget(i);
    else watched[i].events = want == WANTS_TO_READ ? POLLIN : POLLOUT;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);
    watched[count++] = (struct pollfd){.fd = listener, .events = POLLIN};

    for (;;) {
        if (poll(watched, count, -1) < 0) {
            if (errno != EINTR) poll(NULL, 0, 100);  // EINVAL: more watched than RLIMIT_NOFILE now allows (poll(2))
            continue;
        }

        for (int i = count - 1; i > 0; i--)  // downwards: forget() moves the last one, already seen, to i
            if (watched[i].revents || talks[i]->answering) serve_next(i);

        if (watched[0].revents) {
            int conn = accept_if_any(listener);
            if (conn >= 0) welcome(conn);
        }
    }
}
