// Defect: the handler calls asprintf(), and so does the main loop. Each allocates its text; where SIGCHLD comes within the loop's,
// both can be given the same piece of memory (signal-safety(7)), and the loop's text is the handler's.

#include "../base.h"

enum { ENDED = 64 };
static char *ended[ENDED];
static volatile sig_atomic_t count;

static void reap(int signo)
{
    int saved_errno = errno;
    pid_t pid;
    (void)signo;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        if (count < ENDED && asprintf(&ended[count], "child %d has ended", (int)pid) > 0) count++;
    errno = saved_errno;
}

static void forget_the_ended(void)
{
    sigset_t chld, before;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &before);
    while (count > 0) free(ended[--count]);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (unsigned number = 0;; number++) {
        int conn = accept_client(listener);
        char *ticket = NULL;
        int length = asprintf(&ticket, "client %u on %d", number, conn);
        forget_the_ended();
        if (length > 0 && fork() == 0) {
            close(listener);
            int on = -1;
            if (sscanf(ticket, "client %*u on %d", &on) == 1) serve(on);
            _exit(0);
        }
        close(conn);
        free(ticket);
    }
}
