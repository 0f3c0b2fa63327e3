// tcpserver.cpp - slides 2-5: one client after the other.
//
// While it waits in read() for one client's sentence, every other client waits too (slide 6).

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 54321;

    int sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (sock < 0) { perror("socket"); exit(1); }

    sockaddr_in serveraddr = {};
    serveraddr.sin_family = AF_INET;
    serveraddr.sin_port = htons(port);
    serveraddr.sin_addr.s_addr = htonl(INADDR_ANY);
    socklen_t salen = sizeof(serveraddr);
    if (bind(sock, (sockaddr *)&serveraddr, salen) < 0) { perror("bind"); exit(1); }

    if (listen(sock, 5) < 0) { perror("listen"); exit(1); }
    printf("Server is listening on port %d\n", port);
    fflush(stdout);

    for (;;) {
        sockaddr_in clientaddr = {};
        socklen_t calen = sizeof(clientaddr);
        int conn = accept(sock, (sockaddr *)&clientaddr, &calen);
        if (conn < 0) { perror("accept"); exit(1); }

        char buf[1024];
        int rx = read(conn, buf, sizeof(buf));
        for (int i = 0; i < rx; i++) buf[i] = toupper((unsigned char)buf[i]);
        if (rx > 0 && write(conn, buf, rx) < 0) perror("write");
        close(conn);
    }
}
