// Defect: the line is the format of its dprintf() (printf(3), BUGS).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            char buf[4096];
            ssize_t have;
            while ((have = read_line(conn, buf, sizeof buf - 1)) > 0) {
                buf[have] = 0;
                capitalise(buf, have);
                if (dprintf(conn, buf) < 0 || memchr(buf, '\n', have)) break;
            }
            discard_input(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
