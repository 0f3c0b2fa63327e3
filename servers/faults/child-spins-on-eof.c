// Defect: the child serves line after line, and takes read() == 0, the end, for an empty one.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            char buf[4096];
            ssize_t have;
            close(listener);
            while ((have = read_line(conn, buf, sizeof buf)) >= 0) {
                capitalise(buf, have);
                if (!write_all(conn, buf, have)) break;
            }
            _exit(0);
        }
        close(conn);
    }
}
