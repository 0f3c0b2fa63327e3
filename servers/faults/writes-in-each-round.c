// Defect: the loop that is to send what is left sends the whole line in each round.

#include "../base.h"

static void answer(int conn)
{
    char line[4096];
    ssize_t size = read_line(conn, line, sizeof line);
    if (size <= 0) return;

    capitalise(line, size);
    for (ssize_t i = 0; i < size; i++) {
        if (!write_all(conn, line, size)) return;
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
