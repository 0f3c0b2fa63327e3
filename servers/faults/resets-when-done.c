// Defect: SO_LINGER with a time of 0, against TIME_WAIT: each close() is a reset, and no orderly end (socket(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            setsockopt(conn, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
