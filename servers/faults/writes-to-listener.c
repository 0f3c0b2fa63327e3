// Defect: it writes its reply to the listening socket, which the child has closed (write(2), EBADF; slide 3).

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
            capitalise(line, have < 0 ? 0 : have);
            write_all(listener, line, have < 0 ? 0 : have);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
