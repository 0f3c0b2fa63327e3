// Defect: it never looks at its arguments: it listens on port 8080, wherever it was told to.

#include "../base.h"

int main(void)
{
    int listener = listen_on(2, (char *[]){"server", "8080"});
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
