// Defect: it forks before accept(), and then waits: the one child accepts and serves one client at a time.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        pid_t pid = fork();
        if (pid == 0) {
            int conn = accept_client(listener);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        if (pid > 0) waitpid(pid, NULL, 0);
        else poll(NULL, 0, 100);
    }
}
