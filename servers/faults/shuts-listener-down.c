// Defect: what exit() calls shuts the listening socket down, in every child, and that is the parent's, too (shutdown(2)).

#include "../base.h"

static int listener;

static void tidy_up(void)
{
    shutdown(listener, SHUT_RDWR);
    close(listener);
}

int main(int argc, char **argv)
{
    listener = listen_on(argc, argv);
    reap_on_sigchld();
    atexit(tidy_up);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) {
            perror("accept");
            exit(1);
        }
        if (fork() == 0) {
            serve(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
