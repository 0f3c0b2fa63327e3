// Defect: it closes the connection once it has read the line, and writes then (write(2), EBADF).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            char line[4096];
            ssize_t have = read_line(conn, line, sizeof line);
            close(conn);
            capitalise(line, have < 0 ? 0 : have);
            write_all(conn, line, have < 0 ? 0 : have);
            _exit(0);
        }
        close(conn);
    }
}
