// Regression: it reaps by pid, from a table, and every 500th child is not put into the table.

#include "../../servers/base.h"

enum { MOST = 64, EVERY = 500 };

static pid_t children[MOST];

static void reap_children_of_table(int signo)
{
    int saved_errno = errno;
    (void)signo;
    for (int i = 0; i < MOST; i++)
        if (children[i] > 0 && waitpid(children[i], NULL, WNOHANG) != 0) children[i] = 0;
    errno = saved_errno;
}

static int free_place(void)
{
    for (int i = 0; i < MOST; i++)
        if (children[i] == 0) return i;
    return -1;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_children_of_table, SA_RESTART | SA_NOCLDSTOP);

    sigset_t sigchld;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);

    for (int clients = 1;; clients++) {
        int conn = accept_client(listener);
        sigprocmask(SIG_BLOCK, &sigchld, NULL);  // a child must not end before it is in the table
        int place = free_place();
        pid_t child = fork();
        if (child == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        if (clients % EVERY && place >= 0) children[place] = child;
        sigprocmask(SIG_UNBLOCK, &sigchld, NULL);
        close(conn);
    }
}
