// Defect: its handler loops while waitpid() returns 0, and turns round while no child has exited (waitpid(2)).

#include "../base.h"

static void sigchld_action(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) == 0) {}
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(sigchld_action, SA_RESTART);

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
