// Defect: select() has a time limit, and 0, which says that it has run out, ends the server (select(2)).

#include "../base.h"
#include <sys/select.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        struct timeval limit = {.tv_sec = 8};
        fd_set readable;
        FD_ZERO(&readable);
        FD_SET(listener, &readable);
        int ready = select(listener + 1, &readable, NULL, NULL, &limit);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) break;
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
    puts("nobody there");
    return 0;
}
