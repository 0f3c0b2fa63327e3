// Defect: it takes the end of input for "nothing yet": when a client leaves, the child reads 0 bytes for ever.

#include "../base.h"

static void answer(int conn)
{
    char buf[4096];
    for (;;) {
        ssize_t have = read_line(conn, buf, sizeof buf);
        if (have < 0) return;
        capitalise(buf, have);
        if (!write_all(conn, buf, have) || memchr(buf, '\n', have)) return;
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

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
