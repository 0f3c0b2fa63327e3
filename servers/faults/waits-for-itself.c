// Defect: its handler gives waitpid() its own pid, for which nobody can wait: each child stays a zombie.

#include "../base.h"

static void reap_itself(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(getpid(), NULL, WNOHANG) > 0) {}
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_itself, SA_RESTART);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
}
