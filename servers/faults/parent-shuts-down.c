// Defect: the parent ends the connection by shutdown(), for its child, too (shutdown(2)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        shutdown(conn, SHUT_RDWR);
        close(conn);
    }
}
