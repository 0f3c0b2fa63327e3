// Defect: its handler reaps children that exited, and stops at one that a signal killed (waitid(2), CLD_KILLED).

#include "../base.h"

static void reap_those_that_exited(int signo)
{
    int saved_errno = errno;
    (void)signo;
    for (;;) {
        siginfo_t child = {0};
        if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) < 0 || child.si_pid == 0) break;
        if (child.si_code != CLD_EXITED) break;
        waitpid(child.si_pid, NULL, 0);
    }
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_those_that_exited, SA_RESTART | SA_NOCLDSTOP);

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
