// Defect: it forks twice so that init reaps, and is itself the subreaper that adopts the grandchildren (prctl(2)).

#include "../base.h"
#include <sys/prctl.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    prctl(PR_SET_CHILD_SUBREAPER, 1);

    for (;;) {
        int conn = accept_client(listener);
        pid_t between = fork();
        if (between == 0) {
            if (fork() != 0) _exit(0);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
        if (between > 0) waitpid(between, NULL, 0);
    }
}
