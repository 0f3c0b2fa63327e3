// Defect: nobody calls bind(): listen() takes any free port, and no client knows it (ip(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener < 0) die("socket");
    if (listen(listener, 64) < 0) die("listen");
    announce(port);
    signal(SIGTERM, end_together);
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
