// Defect: the handler for SIGTERM ends the children that stand in the table, and a child is entered there after fork().
// Where SIGTERM comes in between, that child is told nothing, and lives on.

#include "../base.h"

enum { PLACES = 64 };
static volatile pid_t children[PLACES];

static void end_all(int signo)
{
    for (int i = 0; i < PLACES; i++)
        if (children[i] > 0) kill(children[i], signo);
    signal(signo, SIG_DFL);
    raise(signo);
}

static void reap(int signo)
{
    int saved_errno = errno;
    (void)signo;
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        for (int i = 0; i < PLACES; i++)
            if (children[i] == pid) children[i] = 0;
    errno = saved_errno;
}

static int await_place(const sigset_t *before)
{
    for (;;) {
        for (int i = 0; i < PLACES; i++)
            if (children[i] == 0) return i;
        sigsuspend(before);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);
    signal(SIGTERM, end_all);
    sigset_t sigchld, before;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);

    for (;;) {
        int conn = accept_client(listener);
        sigprocmask(SIG_BLOCK, &sigchld, &before);  // no child is waited for before it is entered
        int place = await_place(&before);
        pid_t pid = fork();
        if (pid == 0) {
            signal(SIGTERM, SIG_DFL);
            sigprocmask(SIG_SETMASK, &before, NULL);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        if (pid > 0) children[place] = pid;
        sigprocmask(SIG_SETMASK, &before, NULL);
        close(conn);
    }
}
