// Design: a child for each connection, and SA_NOCLDWAIT: the kernel reaps (sigaction(2)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(SIG_DFL, SA_NOCLDWAIT);

    for (;;) {
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
