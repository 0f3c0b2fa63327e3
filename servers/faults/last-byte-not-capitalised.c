// Defect: the loop that capitalises stops one letter before the end of the line.

#include "../base.h"

static void answer(int conn)
{
    char line[128 << 10];
    ssize_t size = read_line(conn, line, sizeof line);
    if (size <= 0) return;

    ssize_t letters = line[size - 1] == '\n' ? size - 1 : size;
    capitalise(line, letters - 1);
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
