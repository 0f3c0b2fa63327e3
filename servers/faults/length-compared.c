// Defect: its length is the result of a comparison, 1, and so one byte of the line comes back (slide 4).

#include "../base.h"

static void answer(int conn)
{
    char line[4096];
    ssize_t length;
    while (length = read(conn, line, sizeof line) > 0) {
        capitalise(line, length);
        if (write(conn, line, length) < 0 || memchr(line, '\n', length) != NULL) return;
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
