// Defect: when accept() finds no free descriptor, it ends, though one will be free again soon (accept(2), EMFILE).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0 && errno == EMFILE) die("accept");
        if (conn < 0) {
            outlive_accept_error();
            continue;
        }
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
