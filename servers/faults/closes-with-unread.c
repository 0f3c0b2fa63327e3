// Defect: of a line longer than its buffer it reads the beginning; close() on the rest sends RST (RFC 1122, 4.2.2.13).

#include "../base.h"

static void answer(int conn)
{
    char line[1024];
    ssize_t size = read_line(conn, line, sizeof line);
    if (size <= 0) return;

    capitalise(line, size);
    write_all(conn, line, size);
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
