// Defect: when the input ends in mid-line, it takes the end for "nothing yet", and reads 0 bytes for ever.

#include "../base.h"

static void answer(int conn)
{
    char buf[4096];
    size_t have = 0;
    for (;;) {
        ssize_t rx = read(conn, buf + have, sizeof buf - have);
        if (rx < 0 && errno == EINTR) continue;
        if (rx < 0 || have + rx == 0) return;
        have += rx;
        bool complete = memchr(buf, '\n', have);
        if (!complete && have < sizeof buf) continue;

        capitalise(buf, have);
        if (!write_all(conn, buf, have) || complete) break;
        have = 0;
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
