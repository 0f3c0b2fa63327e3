// Defect: it serves by UDP: its socket takes datagrams, and no client can connect to it (udp(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock < 0) die("socket");
    int port = port_from(argc, argv);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    if (bind(sock, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    announce(port);

    for (;;) {
        char buf[1024];
        struct sockaddr_in client;
        socklen_t length = sizeof client;
        ssize_t have = recvfrom(sock, buf, sizeof buf, 0, (struct sockaddr *)&client, &length);
        if (have < 0) continue;
        capitalise(buf, have);
        sendto(sock, buf, have, 0, (struct sockaddr *)&client, length);
    }
}
