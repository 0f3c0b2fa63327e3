// Defect: SIGCHLD is ignored, so that system() cannot tell how the command ended; its -1 is taken for a failure.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGCHLD, SIG_IGN);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            if (system("exec >/dev/null; echo a client has come") != 0) {
                fprintf(stderr, "the client cannot be logged\n");
                exit(1);
            }
            serve(conn);
            exit(0);
        }
        close(conn);
    }
}
