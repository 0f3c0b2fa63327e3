// Defect: it writes what is in its buffer whatever read() returns, so at the end of the input without end.

#include "../base.h"

static void serve_badly(int conn)
{
    char buf[4096];
    ssize_t have = 0, rx;
    while ((rx = read(conn, buf, sizeof buf)) >= 0) {
        if (rx > 0) have = rx;
        if (have == 0) return;
        capitalise(buf, have);
        if (!write_all(conn, buf, have)) return;
        if (memchr(buf, '\n', have)) break;
    }
    discard_input(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve_badly(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
