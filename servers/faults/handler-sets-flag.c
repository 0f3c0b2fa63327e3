// Defect: the handler sets a flag, and accept(), which is restarted, sleeps on: it reaps when the next client comes.

#include "../base.h"

static volatile sig_atomic_t exited;

static void note(int signo)
{
    (void)signo;
    exited = 1;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(note, SA_RESTART);

    for (;;) {
        int conn = accept_client(listener);
        if (exited) {
            exited = 0;
            while (waitpid(-1, NULL, WNOHANG) > 0) {}
        }
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
