// Defect: when a client leaves without a word, its child sleeps for ever, waiting for a line that cannot come.

#include "../base.h"

static void answer(int conn)
{
    char buf[4096];
    for (;;) {
        ssize_t have = read_line(conn, buf, sizeof buf);
        if (have < 0) return;
        while (have == 0) pause();
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
