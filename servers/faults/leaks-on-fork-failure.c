// Defect: when fork() fails, it goes on to the next client and leaves the connection of this one open (fork(2)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid < 0) continue;
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
