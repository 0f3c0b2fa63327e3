// Defect: its socket is the result of a comparison, 0, and nobody looks at what connect() returns (slide 6).

#include "../base.h"

int main(int argc, char **argv)
{
    int port = argc > 2 ? atoi(argv[2]) : 54321;
    int sock;
    if (sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) < 0) return 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connect(sock, (struct sockaddr *)&address, sizeof address);

    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    show(line, read_reply(sock, line));
    close(sock);
}
