// Defect: it makes its listening socket a second time, when the first one has the port already (bind(2), EADDRINUSE).

#include "../base.h"

static int socket_on(int port)
{
    int made = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (made < 0) die("socket");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    if (bind(made, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    return made;
}

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int first = socket_on(port);
    int listener = socket_on(port);
    close(first);
    if (listen(listener, 64) < 0) die("listen");

    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}
