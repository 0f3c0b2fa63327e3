// Defect: two children per client. The second does nothing but wait until the first has finished.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        int finished[2];
        if (pipe(finished) < 0) {
            close(conn);
            continue;
        }

        if (fork() == 0) {
            close(listener);
            close(finished[0]);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
        close(finished[1]);

        if (fork() == 0) {
            close(listener);
            char nothing;
            _exit(read(finished[0], &nothing, 1) != 0);  // it ends with the first child, who held the other end
        }
        close(finished[0]);
    }
}
