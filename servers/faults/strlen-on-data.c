// Defect: it measures the line it has read by strlen(), so a NUL in it ends the reply.

#include "../base.h"

static void answer(int conn)
{
    char buf[4096];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf - 1)) > 0) {
        bool complete = memchr(buf, '\n', have);
        buf[have] = '\0';
        capitalise(buf, strlen(buf));
        if (!write_all(conn, buf, strlen(buf)) || complete) break;
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
