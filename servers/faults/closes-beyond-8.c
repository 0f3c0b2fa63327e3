// Defect: it counts its children; whoever comes while eight of them live is accepted, and closed without a word.

#include "../base.h"

enum { MOST = 8 };

static volatile sig_atomic_t children;

static void reap(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) children--;
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    sigset_t sigchld;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        sigprocmask(SIG_BLOCK, &sigchld, NULL);  // a child may be over before it is counted
        pid_t child = children < MOST ? fork() : -1;
        if (child > 0) children++;
        sigprocmask(SIG_UNBLOCK, &sigchld, NULL);
        if (child == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
