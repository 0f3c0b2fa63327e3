// Defect: SIGCHLD is read from a signalfd, and one read, which may stand for many exits, reaps the one child it names.

#include "../base.h"
#include <sys/signalfd.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    sigset_t sigchld, before;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &sigchld, &before);
    struct pollfd both[2] = {{listener, POLLIN, 0}, {signalfd(-1, &sigchld, SFD_CLOEXEC), POLLIN, 0}};

    for (;;) {
        if (poll(both, 2, -1) < 0) continue;
        if (both[1].revents) {
            struct signalfd_siginfo told;
            if (read(both[1].fd, &told, sizeof told) == sizeof told) waitpid(told.ssi_pid, NULL, WNOHANG);
        }
        if (!both[0].revents) continue;
        int conn = accept_client(listener);
        if (fork() == 0) {
            sigprocmask(SIG_SETMASK, &before, NULL);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
