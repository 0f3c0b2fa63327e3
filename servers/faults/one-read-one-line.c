// Defect: it takes what one read() returns for the whole line; but TCP is a stream, and a line may come in pieces.

#include "../base.h"

static void answer(int conn)
{
    char line[4096];
    ssize_t rx;
    do rx = read(conn, line, sizeof line);
    while (rx < 0 && errno == EINTR);
    if (rx <= 0) return;

    capitalise(line, rx);
    write_all(conn, line, rx);
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
