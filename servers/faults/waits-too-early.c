// Defect: the parent asks for the child's end right after fork(), with WNOHANG: it has not ended yet, and nobody asks again.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    for (;;) {
        int conn = accept_client(listener);
        pid_t child = fork();
        if (child == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
        if (child > 0) waitpid(child, NULL, WNOHANG);
    }
}
