// Design: a child for each connection, of a process that hides from debuggers, as a set-uid one does (prctl(2)).

#include "../base.h"
#include <sys/prctl.h>

int main(int argc, char **argv)
{
    prctl(PR_SET_DUMPABLE, 0);
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
