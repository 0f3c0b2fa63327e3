// Defect: signalfd() is told of SIGCHLD only while that is blocked; here it is not, and is thrown away (signalfd(2)).

#include "../base.h"
#include <sys/signalfd.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    sigset_t sigchld;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);
    int told = signalfd(-1, &sigchld, SFD_CLOEXEC | SFD_NONBLOCK);
    if (told < 0) die("signalfd");

    for (;;) {
        struct pollfd watched[] = {{.fd = listener, .events = POLLIN}, {.fd = told, .events = POLLIN}};
        if (poll(watched, 2, -1) < 0) continue;
        struct signalfd_siginfo info;
        while (read(told, &info, sizeof info) > 0)
            while (waitpid(-1, NULL, WNOHANG) > 0) {}
        if (!watched[0].revents) continue;
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) {
            outlive_accept_error();
            continue;
        }
        if (fork() == 0) {
            close(listener);
            close(told);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
