// Defect: parent and child have swapped their branches: fork() returns 0 in the child, and it is the parent who serves.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() > 0) {
            close(listener);
            serve(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
