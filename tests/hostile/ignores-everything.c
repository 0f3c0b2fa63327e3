// Hostile: it ignores every signal that can be ignored, as SIGTERM, SIGINT, SIGHUP and SIGQUIT; and serves well.

#include "belt.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    for (int signo = 1; signo < NSIG; signo++) {
        if (signo != SIGCHLD) signal(signo, SIG_IGN);
    }
    reap_on_sigchld();

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
