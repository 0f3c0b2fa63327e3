// Defect: the loop looks at the flag that the handler for SIGTERM sets only once select() has returned. Where SIGTERM comes while
// the parent forks, it sleeps in select() until another client comes, and then sends that one away.

#include "../base.h"

#include <sys/select.h>

static volatile sig_atomic_t is_told_to_end;

static void note(int signo)
{
    (void)signo;
    is_told_to_end = 1;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGTERM, &action, NULL);

    for (;;) {
        fd_set waiting;
        FD_ZERO(&waiting);
        FD_SET(listener, &waiting);
        int ready = select(listener + 1, &waiting, NULL, NULL, NULL);
        if (is_told_to_end)
            return 0;
        if (ready < 0)
            continue;
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) {
            outlive_accept_error();
            continue;
        }
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
