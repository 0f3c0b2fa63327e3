// Defect: it binds to an address that was right at home: no interface of this machine has it (bind(2), EADDRNOTAVAIL).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener < 0) die("socket");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port_from(argc, argv))};
    inet_pton(AF_INET, "192.0.2.17", &address.sin_addr);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    if (listen(listener, 64) < 0) die("listen");

    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}
