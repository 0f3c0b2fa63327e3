// Defect: it ignores SIGTERM: only SIGKILL ends it (signal(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGTERM, SIG_IGN);
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
