// Defect: bind() is told a pointer's length and fails; nobody looks, and listen() takes any port (ip(7)).

#include "../base.h"

static void bind_to(int listener, struct sockaddr_in *address)
{
    bind(listener, (struct sockaddr *)address, sizeof address);
}

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener < 0) die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));

    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    bind_to(listener, &address);
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
