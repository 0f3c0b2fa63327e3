// Defect: the connection is non-blocking, and the child looks every millisecond whether its client has said something.

#include "../designs/talk.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            set_nonblocking(conn);
            static struct talk talk;
            while (go_on(&talk, conn) != WANTS_NOTHING) poll(NULL, 0, 1);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
