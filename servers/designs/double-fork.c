// Design: the child forks the one that serves and exits at once; so init adopts the grandchild, and reaps it.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            if (fork() != 0) _exit(0);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
        while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    }
}
