// Defect: SIGCHLD interrupts accept(), there is no SA_RESTART, and it takes EINTR for the end (signal(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_children, 0);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) die("accept");
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
