// Defect: it never sleeps until something happens: a thousand times a second it looks for a client and for a child.

#include "../designs/talk.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn >= 0) {
            if (fork() == 0) {
                close(listener);
                serve(conn);
                close(conn);
                _exit(0);
            }
            close(conn);
        }
        while (waitpid(-1, NULL, WNOHANG) > 0) {}
        usleep(1000);
    }
}
