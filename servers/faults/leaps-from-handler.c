// Defect: the handler leaves by siglongjmp(), and what accept() has just returned is lost (siglongjmp(3)).

#include "../base.h"
#include <setjmp.h>

static sigjmp_buf top;

static void reap_and_begin_anew(int signo)
{
    reap_children(signo);
    siglongjmp(top, 1);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    sigsetjmp(top, 1);
    handle_sigchld(reap_and_begin_anew, SA_NOCLDSTOP);

    for (;;) {
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
}
