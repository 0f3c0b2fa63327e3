// talk.h - one conversation on a non-blocking socket, for the designs that serve many in one thread.

#include "../base.h"
#include <fcntl.h>

struct talk {
    char buf[4096];
    size_t have, sent;  // bytes read into buf; of these, bytes written
    bool answering;     // writing the reply; before that, reading the line
    bool last;          // nothing follows what is in buf
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
    if (conn < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
        poll(NULL, 0, 100);  // the client is still in the queue: without a pause the caller would spin
    return conn;
}

// Goes on as far as it can without waiting, and says what to wait for. WANTS_NOTHING: it is over.
static inline enum want go_on(struct talk *talk, int conn)
{
    for (;;) {
        ssize_t done = talk->answering
            ? send(conn, talk->buf + talk->sent, talk->have - talk->sent, MSG_NOSIGNAL)
            : read(conn, talk->buf + talk->have, sizeof talk->buf - talk->have);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno == EAGAIN) return talk->answering ? WANTS_TO_WRITE : WANTS_TO_READ;
        if (done < 0) return WANTS_NOTHING;

        if (talk->answering) {
            talk->sent += done;
            if (talk->sent < talk->have) continue;
            if (talk->last) return WANTS_NOTHING;
            talk->have = talk->sent = 0;
            talk->answering = false;
        } else {
            capitalise(talk->buf + talk->have, done);
            talk->last = done == 0 || memchr(talk->buf + talk->have, '\n', done);
            talk->have += done;
            if (talk->have == 0) return WANTS_NOTHING;
            talk->answering = talk->last || talk->have == sizeof talk->buf;
        }
    }
}
