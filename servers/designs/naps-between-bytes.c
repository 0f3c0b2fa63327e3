// Design: a child for each connection; a pause of many short naps stands before each of a reply's first bytes.

#include "../base.h"

enum { SLOW = 2, NAPS = 12 };

static bool send_slowly(int conn, const char *reply, size_t size)
{
    size_t slow = size < SLOW ? size : SLOW;
    for (size_t i = 0; i < slow; i++) {
        for (int nap = 0; nap < NAPS; nap++) usleep(10000);
        if (!write_all(conn, reply + i, 1)) return false;
    }
    return write_all(conn, reply + slow, size - slow);
}

static void serve_slowly(int conn)
{
    char line[4096];
    ssize_t have = read_line(conn, line, sizeof line);
    if (have <= 0) return;
    capitalise(line, have);
    if (send_slowly(conn, line, have) && !memchr(line, '\n', have)) serve(conn);
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
            serve_slowly(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
