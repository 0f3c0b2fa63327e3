// Defect: it serves in a pid namespace of its own (pid_namespaces(7)), as its process 1, and reaps nobody there.

#include "../base.h"
#include <sched.h>
#include <sys/prctl.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0) die("unshare");
    pid_t first = fork();
    if (first > 0) {
        while (waitpid(first, NULL, 0) < 0 && errno == EINTR) {}
        return 1;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // all of the namespace goes with it
    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
}
