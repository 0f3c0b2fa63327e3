// Defect: a client that has been silent for a second is thrown out: its read() has a time limit.

#include "../base.h"

#include <sys/time.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            setsockopt(conn, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 1}, sizeof(struct timeval));
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
