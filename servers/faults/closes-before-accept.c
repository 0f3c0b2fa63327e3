// Defect: it closes the listening socket before its loop, and tries accept() again each second (slide 3).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    close(listener);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) {
            sleep(1);
            continue;
        }
        if (fork() == 0) {
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
