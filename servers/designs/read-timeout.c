// Design: a child for each connection; its read() gives up every half second, and is called again.

#include "../base.h"
#include <sys/time.h>

static void limit_reading(int conn)
{
    struct timeval half_a_second = {.tv_usec = 500000};
    setsockopt(conn, SOL_SOCKET, SO_RCVTIMEO, &half_a_second, sizeof half_a_second);
}

// As serve() does, but EAGAIN means that the time is up (socket(7), SO_RCVTIMEO).
static void serve_patiently(int conn)
{
    char buf[4096];
    for (;;) {
        ssize_t rx = read(conn, buf, sizeof buf);
        if (rx < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (rx <= 0) return;
        char *newline = memchr(buf, '\n', rx);
        size_t size = newline ? newline + 1 - buf : rx;
        capitalise(buf, size);
        if (!write_all(conn, buf, size)) return;
        if (newline) break;
    }
    discard_input(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            limit_reading(conn);
            serve_patiently(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
