// Defect: a child's pid is entered into the table after fork(): a child that has ended by then is not found there by the
// handler, and its place is never free again.

#include "../base.h"

enum { PLACES = 240 };
static volatile pid_t children[PLACES];

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

static int free_place(void)
{
    for (int i = 0; i < PLACES; i++)
        if (children[i] == 0) return i;
    return -1;
}

static int await_place(void)
{
    sigset_t sigchld, before;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &sigchld, &before);
    int place;
    while ((place = free_place()) < 0) sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return place;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int place = await_place();
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        if (pid > 0) children[place] = pid;
        close(conn);
    }
}
