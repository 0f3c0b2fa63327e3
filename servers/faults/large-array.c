// Defect: its line is an array of 64 MiB on the stack, which has room for 8: the first client ends the child.

#include "../base.h"

static void answer(int conn)
{
    char line[64 << 20];
    ssize_t have = read_line(conn, line, sizeof line);
    if (have <= 0) return;
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
