// Defect: it reaps by pid, from a table of 80 children, and never looks at the last: every 80th stays a zombie.

#include "../base.h"

enum { MOST = 80 };

static pid_t children[MOST];

static void reap_children_of_table(int signo)
{
    int saved_errno = errno;
    (void)signo;
    for (int i = 0; i < MOST - 1; i++)
        if (children[i] > 0 && waitpid(children[i], NULL, WNOHANG) != 0) children[i] = 0;
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_children_of_table, SA_RESTART | SA_NOCLDSTOP);

    sigset_t sigchld;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);

    for (int next = 0;; next = (next + 1) % MOST) {
        int conn = accept_client(listener);
        sigprocmask(SIG_BLOCK, &sigchld, NULL);  // a child must not end before it is in the table
        children[next] = fork();
        if (children[next] == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        sigprocmask(SIG_UNBLOCK, &sigchld, NULL);
        close(conn);
    }
}
