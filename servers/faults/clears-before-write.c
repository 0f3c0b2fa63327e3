// Defect: the buffer is cleared for the next line before this one is sent back: only NUL bytes come.

#include "../base.h"

static void answer(int conn)
{
    char line[4096];
    ssize_t size = read_line(conn, line, sizeof line);
    if (size <= 0) return;

    capitalise(line, size);
    memset(line, 0, sizeof line);
    write_all(conn, line, size);
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
