// Defect: the handler waits until no child is left, living ones included, and the parent with it (slide 17).

#include "../base.h"

static void reap_all(int signo)
{
    (void)signo;
    while (wait(NULL) > 0) {}
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_all, SA_RESTART);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
