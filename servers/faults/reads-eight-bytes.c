// Defect: it reads as many bytes as a pointer has (sizeof buf), finds no newline among them, and hangs up.

#include "../base.h"

static void answer(int conn)
{
    char *buf = malloc(4096);
    ssize_t have = read(conn, buf, sizeof buf);
    if (have > 0 && memchr(buf, '\n', have)) {
        capitalise(buf, have);
        write_all(conn, buf, have);
    }
    free(buf);
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
