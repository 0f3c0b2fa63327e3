// Defect: errno is looked at whatever accept() returns: once it was EINTR, each client is passed over.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_children, SA_NOCLDSTOP);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (errno == EINTR) continue;
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
