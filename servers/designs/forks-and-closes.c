// Design: a child for each connection tells whoever connects the same words and ends at once; SIGCHLD is ignored.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGCHLD, SIG_IGN);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            write_all(conn, "Closed on Sundays.\n", 19);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
