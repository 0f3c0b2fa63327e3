// tcpserver2.cpp - slides 9-14: a child for each connection.
//
// Clients no longer delay each other, but nobody waits for the children: they stay as zombies (slide 15).

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

    // Slide 10 prints SOCK_DGRAM here, a slip: TCP needs SOCK_STREAM, and socket(2) refuses the mixture.
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

        int pid = fork();
        if (pid == 0) {  // child-process
            close(sock);
            char buf[1024];
            int rx = read(conn, buf, sizeof(buf));
            for (int i = 0; i < rx; i++) buf[i] = toupper((unsigned char)buf[i]);
            if (rx > 0 && write(conn, buf, rx) < 0) perror("write");
            close(conn);
            exit(0);
        }
        // parent-process
        close(conn);
    }
}
