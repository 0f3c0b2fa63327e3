// Defect: it calls dup2() with its arguments the other way round, and then a program (dup2(2)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            dup2(0, conn);
            dup2(1, conn);
            close(conn);
            execlp("tr", "tr", "a-z", "A-Z", NULL);
            _exit(0);
        }
        close(conn);
    }
}
