// A child for each connection, on a slow line: the reply goes out byte by byte, with a pause before each.

#include "../base.h"

static void answer_slowly(int conn)
{
    static char line[1 << 20];
    ssize_t have = read_line(conn, line, sizeof line);
    if (have <= 0) return;
    capitalise(line, have);
    for (ssize_t i = 0; i < have; i++) {
        if (have < 100) usleep(700 * 1000);
        if (!write_all(conn, line + i, 1)) return;
    }
    discard_input(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t child = fork();
        if (child == 0) {
            close(listener);
            answer_slowly(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
