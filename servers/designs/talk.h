// talk.h - one conversation on a non-blocking socket, for the designs that serve many in one thread.

#include "../base.h"
#include <fcntl.h>

struct talk {
    char buf[64 << 10];
    size_t have, sent;  // bytes read into buf; of these, bytes written
    bool answering;     // writing the reply; before that, reading the line
    bool last;          // nothing follows what is in buf
    bool stays_open;    // after one line comes the next, until the client closes
};

enum want { WANTS_TO_READ, WANTS_TO_WRITE, WANTS_NOTHING };

static inline void set_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

// The next client's connection, or -1 when there is none after all. Never waits for one.
static inline int accept_if_any(int listener)
{
    int conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (conn < 0) outlive_accept_error();
    return conn;
}

static inline enum want once_more(enum want same)
{
    return errno == EINTR || errno == EAGAIN ? same : WANTS_NOTHING;
}

// Reads once and writes once at most, so that no client keeps the others waiting, and says what to wait for next.
// WANTS_NOTHING: it is over.
static inline enum want go_on(struct talk *talk, int conn)
{
    if (!talk->answering) {
        char *piece = talk->buf + talk->have;
        ssize_t rx = read(conn, piece, sizeof talk->buf - talk->have);
        if (rx < 0) return once_more(WANTS_TO_READ);

        capitalise(piece, rx);
        bool ended = memchr(piece, '\n', rx);
        talk->have += rx;
        talk->last = rx == 0 || (ended && !talk->stays_open);
        talk->answering = talk->last || ended || talk->have == sizeof talk->buf;
        if (!talk->answering) return WANTS_TO_READ;
    }

    ssize_t tx = send(conn, talk->buf + talk->sent, talk->have - talk->sent, MSG_NOSIGNAL);
    if (tx < 0) return once_more(WANTS_TO_WRITE);

    talk->sent += tx;
    if (talk->sent < talk->have) return WANTS_TO_WRITE;
    if (talk->last) {
        discard_input(conn);
        return WANTS_NOTHING;
    }
    talk->have = talk->sent = 0;
    talk->answering = false;
    return WANTS_TO_READ;
}
