// Defect: wait() once per SIGCHLD, but signals do not queue: N exits may be one signal (slide 19, signal(7)).

#include "../base.h"

static void reap_one(int signo)
{
    (void)signo;
    wait(NULL);
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
