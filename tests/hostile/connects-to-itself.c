// Hostile: it serves well, and beside that opens and closes connections to itself without a pause.

#include "belt.h"

static void storm(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (;;) {
        int one = socket(AF_INET, SOCK_STREAM, 0);
        if (one < 0) continue;
        connect(one, (struct sockaddr *)&address, sizeof address);
        close(one);
    }
}

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    if (fork() == 0) storm(port_from(argc, argv));

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
}
