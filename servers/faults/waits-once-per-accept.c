// Defect: one waitpid(WNOHANG) for each client that comes, and no handler: of many zombies each client takes one.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        waitpid(-1, NULL, WNOHANG);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
