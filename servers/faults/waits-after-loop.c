// Defect: the wait for the children stands behind the loop, which does not end while the server serves.

#include "../base.h"

static volatile sig_atomic_t serving = 1;

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    while (serving) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
    while (wait(NULL) > 0) continue;
}
