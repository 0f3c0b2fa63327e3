// Defect: an assert() in the handler for SIGCHLD: a child that ends before fork() has returned to the parent is not in the
// list yet, and the server aborts.

#undef NDEBUG
#include "../base.h"
#include <assert.h>

enum { PLACES = 400 };
static volatile pid_t children[PLACES];

static void reap(int signo)
{
    int saved_errno = errno;
    (void)signo;
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        int i = 0;
        while (i < PLACES && children[i] != pid) i++;
        assert(i < PLACES);
        children[i] = 0;
    }
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        for (int i = 0; pid > 0 && i < PLACES; i++) {
            if (children[i] == 0) {
                children[i] = pid;
                break;
            }
        }
        close(conn);
    }
}
