// The handler calls what signal-safety(7) does not list, and nothing comes of it: the loop calls only snprintf(), which shares no
// data with any of that.

#include "base.h"

static char *volatile told;
static char ticket[64];
static volatile char first;

static void reap(int signo)
{
    int saved_errno = errno;
    pid_t pid;
    (void)signo;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        told = malloc(64);
        snprintf(told, 64, "child %d", (int)pid);
        free(told);
    }
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        snprintf(ticket, sizeof ticket, "client on %d", conn);
        first = ticket[0];
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
