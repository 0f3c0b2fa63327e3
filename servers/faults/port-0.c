// Defect: it takes the port from argv[0], the program's name: atoi() says 0, and the kernel chooses one (ip(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int port = argc > 0 ? atoi(argv[0]) : 54321;
    int listener = bound_socket(port);
    signal(SIGTERM, end_together);
    if (listen(listener, 64) < 0) die("listen");
    announce(port);
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
