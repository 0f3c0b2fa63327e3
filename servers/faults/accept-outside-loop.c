// Defect: accept() stands before the loop, which forks for one client again and again (slide 10).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    int conn = accept_client(listener);

    for (;;) {
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        waitpid(pid, NULL, 0);
    }
}
