// Defect: where its client leaves without a line the child says continue, and is back in its parent's loop.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    signal(SIGPIPE, SIG_IGN);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) continue;
        pid_t pid = fork();
        if (pid == 0) {
            char first;
            close(listener);
            if (recv(conn, &first, 1, MSG_PEEK) <= 0) {
                close(conn);
                continue;
            }
            serve(conn);
            exit(0);
        }
        close(conn);
    }
}
