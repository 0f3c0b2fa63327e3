// Defect: when the input ends in mid-line, it goes on waiting for a newline, which cannot come any more.

#include "../base.h"

static void answer(int conn)
{
    char buf[4096];
    for (;;) {
        ssize_t have = read_line(conn, buf, sizeof buf);
        if (have <= 0) break;
        bool complete = memchr(buf, '\n', have);
        while (!complete && have < (ssize_t)sizeof buf) pause();
        capitalise(buf, have);
        if (!write_all(conn, buf, have) || complete) break;
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
            answer(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
