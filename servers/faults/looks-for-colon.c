// Defect: it looks for a colon in the line, finds none, and writes through the NULL that strchr() returned.

#include "../base.h"

static void answer(int conn)
{
    char line[4096];
    ssize_t have = read_line(conn, line, sizeof line - 1);
    if (have <= 0) return;
    line[have] = 0;
    *strchr(line, ':') = ' ';
    capitalise(line, have);
    write_all(conn, line, have);
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
