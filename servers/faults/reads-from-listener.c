// Defect: it reads from the listening socket, which carries no client's data: read() says ENOTCONN (slide 3).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            serve(listener);
            close(listener);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
