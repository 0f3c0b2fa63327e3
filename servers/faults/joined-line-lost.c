// Defect: it answers the first line of what one read() returns, and throws away what came behind it.

#include "../base.h"

static void answer(int conn)
{
    char buf[4096];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf)) > 0) {
        char *end = memchr(buf, '\n', have);
        size_t size = end ? end - buf + 1 : have;
        capitalise(buf, size);
        if (!write_all(conn, buf, size)) return;
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
