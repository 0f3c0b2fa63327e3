// Defect: between accept() and the look at errno it reaps, and waitpid()'s ECHILD hides accept()'s EINTR.

#include "../base.h"

static void interrupt_accept(int signo)
{
    (void)signo;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(interrupt_accept, 0);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) {
            while (waitpid(-1, NULL, WNOHANG) > 0) {}
            if (errno == EINTR) continue;
            die("accept");
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
