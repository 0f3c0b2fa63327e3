// Design: a child for each connection, which answers line after line until the client closes.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve_lines(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
