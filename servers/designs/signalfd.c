// Design: a child for each connection, and SIGCHLD is read from a descriptor instead of handled.

#include "../base.h"
#include <fcntl.h>
#include <sys/signalfd.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    fcntl(listener, F_SETFL, O_NONBLOCK);  // a client may leave between poll() and accept()

    sigset_t sigchld;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &sigchld, NULL);
    int exits = signalfd(-1, &sigchld, 0);
    if (exits < 0) die("signalfd");

    struct pollfd watched[] = {{.fd = listener, .events = POLLIN}, {.fd = exits, .events = POLLIN}};
    for (;;) {
        if (poll(watched, 2, -1) < 0) continue;

        if (watched[1].revents) {
            struct signalfd_siginfo info;
            if (read(exits, &info, sizeof info) > 0) reap_children(SIGCHLD);
        }

        if (watched[0].revents) {
            int conn = accept(listener, NULL, NULL);
            if (conn < 0) {
                outlive_accept_error();
                continue;
            }
            if (fork() == 0) {
                close(listener);
                close(exits);
                serve(conn);
                close(conn);
                _exit(0);
            }
            close(conn);
        }
    }
}
