// Defect: the handler is gone after its first signal, as in System V, and is not reinstalled (slide 19).

#include "../base.h"

static void reap_one(int signo)
{
    (void)signo;
    wait(NULL);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_one, SA_RESTART | SA_RESETHAND);

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
