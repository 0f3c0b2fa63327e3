// Defect: the parent waits for the middle process by "if (!has_ended) pause()". Where SIGCHLD comes after the look and
// before pause(), nothing wakes it ever again. sigsuspend() would look and sleep as one, and so would waitpid().

#include "../base.h"

static volatile sig_atomic_t has_ended;

static void reap(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
    has_ended = 1;
    errno = saved_errno;
}

// The grandchild serves, and belongs to init once the process in the middle has ended.
static void serve_as_orphan(int listener, int conn)
{
    close(listener);
    if (fork() == 0) {
        serve(conn);
        close(conn);
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        has_ended = 0;
        pid_t pid = fork();
        if (pid == 0) serve_as_orphan(listener, conn);
        close(conn);
        if (pid > 0 && !has_ended) pause();
    }
}
