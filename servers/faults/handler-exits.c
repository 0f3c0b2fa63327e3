// Defect: its handler for SIGCHLD, meant for the child's end, ends the parent by exit() (slide 19).

#include "../base.h"

static void sigchld_action(int signo)
{
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
    exit(0);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(sigchld_action, SA_RESTART);

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
