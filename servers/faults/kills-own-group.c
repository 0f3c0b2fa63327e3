// Defect: it ends the last client's child by kill(), also where there is none: kill(0) ends all (kill(2)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGTERM, SIG_DFL);
    reap_on_sigchld();

    for (pid_t last = 0;;) {
        int conn = accept_client(listener);
        kill(last, SIGTERM);
        if ((last = fork()) == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
