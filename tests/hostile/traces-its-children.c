// Hostile: it serves well, and holds all its children under ptrace(2), so that nobody else can.

#include "belt.h"
#include <sys/ptrace.h>

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        pid_t child = fork();
        if (child == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        ptrace(PTRACE_SEIZE, child, NULL, NULL);
        close(conn);
    }
}
