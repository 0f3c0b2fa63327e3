// Defect: the parent makes a buffer for each client's line, which the child uses, and never frees its own copy.

#include "../base.h"

enum { LINE = 64 << 10 };

static void answer(int conn, char *line)
{
    ssize_t have;
    while ((have = read_line(conn, line, LINE)) > 0) {
        capitalise(line, have);
        if (!write_all(conn, line, have) || memchr(line, '\n', have)) break;
    }
    discard_input(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        char *line = malloc(LINE);
        if (line) memset(line, ' ', LINE);
        if (line && fork() == 0) {
            close(listener);
            answer(conn, line);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
