// Defect: its connection does not block, and it takes EAGAIN for the end of its client (fcntl(2), read(2)).

#include "../base.h"
#include <fcntl.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            fcntl(conn, F_SETFL, O_NONBLOCK);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
