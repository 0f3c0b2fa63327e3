// Defect: the parent waits for the child it has just forked, so clients are served one after the other (slide 17).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

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
        if (pid > 0) waitpid(pid, NULL, 0);
    }
}
