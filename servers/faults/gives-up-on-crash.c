// Defect: when a signal has killed a child, the parent gives up and ends too (wait(2), WIFSIGNALED).

#include "../base.h"

static void reap_or_give_up(int signo)
{
    int saved_errno = errno, status;
    (void)signo;
    while (waitpid(-1, &status, WNOHANG) > 0)
        if (WIFSIGNALED(status)) _exit(1);
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_or_give_up, SA_RESTART | SA_NOCLDSTOP);

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
