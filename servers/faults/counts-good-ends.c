// Defect: the parent counts down for the children that end with 0; one whose client left without a word ends with 1.

#include "../base.h"

static volatile sig_atomic_t serving;

static void count_down(int signo)
{
    int saved_errno = errno, status;
    (void)signo;
    while (waitpid(-1, &status, WNOHANG) > 0) {
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) serving--;
    }
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(count_down, SA_RESTART | SA_NOCLDSTOP);
    sigset_t sigchld, before;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);

    for (;;) {
        int conn = accept_client(listener);
        if (serving >= 100) {
            close(conn);
            continue;
        }
        sigprocmask(SIG_BLOCK, &sigchld, &before);
        pid_t pid = fork();
        if (pid > 0) serving++;
        sigprocmask(SIG_SETMASK, &before, NULL);
        if (pid == 0) {
            close(listener);
            char first;
            if (recv(conn, &first, 1, MSG_PEEK) <= 0) _exit(1);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
