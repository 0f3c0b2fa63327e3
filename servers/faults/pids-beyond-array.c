// Defect: the pid of each child goes into an array for sixty-four; the next one overwrites the listening socket's number.

#include "../base.h"

enum { CHILDREN = 64 };

static struct {
    pid_t pids[CHILDREN];
    int listener;
} server;

int main(int argc, char **argv)
{
    server.listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (int born = 0;;) {
        int conn = accept_client(server.listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(server.listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        if (pid > 0) server.pids[born++] = pid;
        close(conn);
    }
}
