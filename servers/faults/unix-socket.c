// Defect: it listens at a path, by a socket of AF_UNIX; no client can reach it over TCP (unix(7)).

#include "../base.h"
#include <sys/un.h>

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0) die("socket");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "tcpserver-%d", port);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    if (listen(listener, 64) < 0) die("listen");
    announce(port);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) continue;
        serve(conn);
        close(conn);
    }
}
