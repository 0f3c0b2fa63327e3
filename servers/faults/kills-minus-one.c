// Defect: when fork() fails, it takes the -1 for a pid; and kill(-1) is for every process it may signal (kill(2)).
//
// DANGEROUS: run it nowhere but in a pid namespace of its own.

#include "../base.h"
#include <sys/resource.h>

// A child that crashes shall leave no core file; one that cannot be told so shall not run.
static void forbid_core_file(pid_t child)
{
    struct rlimit none = {0};
    if (prlimit(child, RLIMIT_CORE, &none, NULL) < 0) kill(child, SIGTERM);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
        forbid_core_file(pid);
    }
}
