// Defect: its pid is the result of a comparison, 0 in both, and so the parent serves and exits, too (slide 10).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid;
        if (pid = fork() < 0) die("fork");
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
