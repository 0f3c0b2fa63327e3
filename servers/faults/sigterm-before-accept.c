// Defect: the handler for SIGTERM sets a flag, and the loop looks at it before accept(). Where SIGTERM comes after the look
// and before accept(), the server sleeps there until another client comes. ppoll() would unblock it only while it sleeps.

#include "../base.h"

static volatile sig_atomic_t is_told_to_end;

static void note(int signo)
{
    (void)signo;
    is_told_to_end = 1;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    struct sigaction action = {.sa_handler = note};  // no SA_RESTART: it shall end accept()
    sigaction(SIGTERM, &action, NULL);

    while (!is_told_to_end) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) {
            outlive_accept_error();
            continue;
        }
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
    return 0;  // who is being served is served to the end
}
