// Defect: the banner is not flushed: in a pipe it stays in the buffer for as long as the server lives (setbuf(3)).

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = bound_socket(port);
    if (listen(listener, 64) < 0) die("listen");
    printf("Server is listening on port %d\n", port);
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
