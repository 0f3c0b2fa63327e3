// Defect: waitpid(WNOHANG) without a loop: of children that exit together it reaps one (signal(7)).

#include "../base.h"

static void reap_one(int signo)
{
    (void)signo;
    waitpid(-1, NULL, WNOHANG);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_one, SA_RESTART);

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
