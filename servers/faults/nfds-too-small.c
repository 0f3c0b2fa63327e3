// Defect: select() is told the listener's number, and not one more: it watches nobody, and sleeps for ever (select(2)).

#include "../base.h"
#include <sys/select.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        fd_set readable;
        FD_ZERO(&readable);
        FD_SET(listener, &readable);
        if (select(listener, &readable, NULL, NULL, NULL) <= 0) continue;
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
