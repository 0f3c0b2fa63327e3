// Defect: socket() as slide 10 prints it, unchecked, in a server without fork: each call fails on socket -1.

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int sock = socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    bind(sock, (struct sockaddr *)&address, sizeof address);
    listen(sock, 5);
    announce(port);

    for (;;) {
        int conn = accept(sock, NULL, NULL);
        serve(conn);
        close(conn);
    }
}
