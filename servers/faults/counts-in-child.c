// Defect: each child gives its place back in its own copy of the counter, so that the parent's only falls.

#include "../base.h"

static int places = 100;

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (places == 0) {
            close(conn);
            continue;
        }
        places--;
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            places++;
            _exit(0);
        }
        if (pid < 0) places++;
        close(conn);
    }
}
