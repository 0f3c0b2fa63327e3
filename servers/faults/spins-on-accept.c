// Defect: the listening socket does not block, and nothing else sleeps: it asks for a client without a pause.

#include "../designs/talk.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);
    reap_on_sigchld();

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) continue;
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
