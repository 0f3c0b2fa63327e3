// Defect: when fork() fails, the whole server ends, and not just the one client is turned away (fork(2), EAGAIN).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid < 0) die("fork");
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
