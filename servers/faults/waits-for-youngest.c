// Defect: the handler waits for the child that was forked last; when an older one exits, the parent sleeps.

#include "../base.h"

static volatile pid_t child;

static void reap_it(int signo)
{
    (void)signo;
    int saved_errno = errno;
    waitpid(child, NULL, 0);
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_it, SA_RESTART);

    for (;;) {
        int conn = accept_client(listener);
        child = fork();
        if (child == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
