// Defect: it counts its children, and lets nobody in while twenty of them live.

#include "../base.h"
#include <fcntl.h>

enum { MOST = 20 };

static volatile sig_atomic_t living;

static void reap_and_count(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) living--;
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    fcntl(listener, F_SETFL, O_NONBLOCK);  // a client may leave between ppoll() and accept()
    handle_sigchld(reap_and_count, SA_RESTART | SA_NOCLDSTOP);

    sigset_t sigchld, before;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &sigchld, &before);  // so that living changes in ppoll() only

    for (;;) {
        struct pollfd door = {.fd = listener, .events = living < MOST ? POLLIN : 0};
        if (ppoll(&door, 1, NULL, &before) < 1) continue;

        int conn = accept(listener, NULL, NULL);
        if (conn < 0) {
            outlive_accept_error();
            continue;
        }
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        if (pid > 0) living++;
        close(conn);
    }
}
