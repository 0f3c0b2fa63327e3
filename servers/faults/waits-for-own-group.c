// Defect: each child begins a session of its own, and waitpid(0) waits for those of the parent's group only (waitpid(2)).

#include "../base.h"

static void reap_own_group(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(0, NULL, WNOHANG) > 0) {}
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_own_group, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            setsid();
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
