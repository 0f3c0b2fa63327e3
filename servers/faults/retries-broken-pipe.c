// Defect: where write() fails it is tried again, whatever the error: to a client that has gone it never succeeds (EPIPE).

#include "../base.h"

static void write_everything(int conn, const char *buf, size_t size)
{
    size_t sent = 0;
    while (sent < size) {
        ssize_t tx = write(conn, buf + sent, size - sent);
        if (tx < 0) continue;
        sent += tx;
    }
}

static void answer(int conn)
{
    char buf[16 << 10];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf)) > 0) {
        capitalise(buf, have);
        write_everything(conn, buf, have);
        if (memchr(buf, '\n', have)) break;
    }
    discard_input(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    signal(SIGPIPE, SIG_IGN);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            answer(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
