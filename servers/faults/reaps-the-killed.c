// Defect: it reaps when a signal has killed a child; a child that exits by itself stays a zombie.

#include "../base.h"

static void reap_killed(int signo, siginfo_t *about, void *context)
{
    (void)signo, (void)context;
    int saved_errno = errno;
    if (about->si_code != CLD_EXITED) while (waitpid(-1, NULL, WNOHANG) > 0) {}
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    struct sigaction action = {.sa_sigaction = reap_killed, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGCHLD, &action, NULL);

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
}
