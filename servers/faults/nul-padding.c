// Defect: it sends the whole buffer, not just the line: behind the line come NUL bytes.

#include "../base.h"

static void answer(int conn)
{
    char line[256] = {0};
    ssize_t size = read_line(conn, line, sizeof line);
    if (size <= 0) return;

    capitalise(line, size);
    write_all(conn, line, sizeof line);
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
