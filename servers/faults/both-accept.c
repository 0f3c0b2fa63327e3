// Defect: it assigns 0 to its pid instead of comparing, and so nobody takes the child's branch (slide 10).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid = 0) {
            close(listener);
            serve(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
