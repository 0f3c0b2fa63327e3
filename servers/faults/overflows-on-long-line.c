// Defect: it copies a line of any length into 256 bytes on the stack, over the address to return to.

#include "../base.h"

__attribute__((noinline))  // a function of its own has a return address of its own
static bool answer_piece(int conn, const char *piece, size_t size)
{
    char line[256];
    memcpy(line, piece, size);
    capitalise(line, size);
    return write_all(conn, line, size) && !memchr(line, '\n', size);
}

static void answer(int conn)
{
    static char buf[64 << 10];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf)) > 0)
        if (!answer_piece(conn, buf, have)) break;
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
