// Defect: the handler does not save errno. waitpid() leaves ECHILD there; where SIGCHLD comes as accept() has failed with
// EAGAIN, and before errno is looked at, the server takes ECHILD for an error of its listener, and ends.

#include "../base.h"
#include <fcntl.h>

static void reap(int signo)
{
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
}

// What accept() may report of a client, a signal or a shortage (accept(2)): it is outlived.
static bool passes(int error)
{
    switch (error) {
    case EINTR: case ECONNABORTED: case EPROTO: case EPERM: case ETIMEDOUT:
    case EMFILE: case ENFILE: case ENOBUFS: case ENOMEM:
    case ENETDOWN: case ENETUNREACH: case EHOSTDOWN: case EHOSTUNREACH: case ENONET: case ENOPROTOOPT:
        return true;
    default:
        return false;
    }
}

// Takes all clients that wait; what accept() says when none is left is no error.
static void accept_all(int listener)
{
    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) {
            if (errno == EAGAIN) return;
            if (!passes(errno)) die("accept");
            outlive_accept_error();
            continue;
        }
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        struct pollfd ready = {.fd = listener, .events = POLLIN};
        poll(&ready, 1, -1);
        accept_all(listener);
    }
}
