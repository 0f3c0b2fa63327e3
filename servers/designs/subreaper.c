// Design: it forks twice, adopts the grandchildren as their subreaper (prctl(2)), and reaps them like its children.

#include "../base.h"
#include <sys/prctl.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t between = fork();
        if (between == 0) {
            if (fork() != 0) _exit(0);
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
}
