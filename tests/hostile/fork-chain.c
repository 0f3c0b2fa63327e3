// Hostile: at each client it starts a chain of processes of which each forks the next and ends: nobody is there twice.

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            serve(conn);
            close(conn);
            for (;;) {
                if (fork() > 0) _exit(0);
                setsid();
            }
        }
        close(conn);
    }
}
