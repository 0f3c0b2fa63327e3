// Design: a child for each connection, and five of them at once: who comes beyond is sent away, as the assignment allows.

#include "../base.h"

enum { MOST = 5 };

static volatile sig_atomic_t living;

static void count_down(int signo)
{
    int error = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) living--;
    errno = error;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = count_down, .sa_flags = SA_RESTART}, NULL);

    for (;;) {
        int conn = accept_client(listener);
        sigprocmask(SIG_BLOCK, &child, NULL);  // the handler counts, too
        pid_t pid = living < MOST ? fork() : -1;
        if (pid > 0) living++;
        sigprocmask(SIG_UNBLOCK, &child, NULL);
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
