// Defect: it opens a raw socket first; only root may, or who has CAP_NET_RAW (raw(7), EPERM).

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int knocks = socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
    if (knocks < 0) die("socket");

    int listener = bound_socket(port);
    if (listen(listener, 64) < 0) die("listen");
    announce(port);
    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}
