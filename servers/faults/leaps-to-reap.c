// Defect: SIGCHLD leaps out of poll() into the branch that reaps, also where accept() has just returned (longjmp(3)).

#include "../base.h"
#include <setjmp.h>

static sigjmp_buf has_ended;

static void go_and_reap(int signo)
{
    (void)signo;
    siglongjmp(has_ended, 1);
}

static void serve_next(int listener)
{
    struct pollfd waits = {.fd = listener, .events = POLLIN};
    if (poll(&waits, 1, -1) <= 0) return;
    int conn = accept_client(listener);
    if (fork() == 0) {
        signal(SIGCHLD, SIG_DFL);
        close(listener);
        serve(conn);
        close(conn);
        _exit(0);
    }
    close(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    if (sigsetjmp(has_ended, 1)) reap_children(SIGCHLD);
    handle_sigchld(go_and_reap, SA_NOCLDSTOP);
    for (;;) serve_next(listener);
}
