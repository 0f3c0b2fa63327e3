// Sound: the handler writes into a pipe, and the loop polls it; accept() fails with EAGAIN, and poll() sleeps next.

#include "base.h"
#include <fcntl.h>

static int bell[2];

static void ring(int signo)
{
    int saved_errno = errno;
    (void)signo;
    if (write(bell[1], "", 1) < 0) {}
    errno = saved_errno;
}

static void reap(void)
{
    char rings[64];
    while (read(bell[0], rings, sizeof rings) > 0) {}
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
}

static void accept_all(int listener)
{
    for (int conn; (conn = accept(listener, NULL, NULL)) >= 0 || errno == EINTR;) {
        if (conn < 0) continue;
        if (fork() == 0) {
            signal(SIGCHLD, SIG_DFL);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
    if (errno != EAGAIN) outlive_accept_error();
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    if (pipe2(bell, O_NONBLOCK | O_CLOEXEC) < 0) die("pipe");
    fcntl(listener, F_SETFL, O_NONBLOCK);
    handle_sigchld(ring, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        struct pollfd ready[2] = {{.fd = listener, .events = POLLIN}, {.fd = bell[0], .events = POLLIN}};
        if (poll(ready, 2, -1) < 0) continue;
        if (ready[1].revents) reap();
        if (ready[0].revents) accept_all(listener);
    }
}
