// Defect: the handler for SIGCHLD counts the exits, and nobody waits: each child stays as a zombie (slide 18).

#include "../base.h"

static volatile sig_atomic_t ended;

static void count(int signo)
{
    (void)signo;
    ended++;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(count, SA_RESTART);

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
