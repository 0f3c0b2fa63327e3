// tcpserver3.cpp - slides 18-19: a handler for SIGCHLD waits for the children.
//
// It waits once per signal. Signals do not queue (signal(7)): of N children that exit together, N-1 can stay zombies.

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <signal.h>    // for signal()
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>  // for wait()
#include <unistd.h>

void sigchld_action(int signo)
{
    wait(NULL);                     // release a child-process's resources
    signal(signo, sigchld_action);  // reinstall handler
}

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 54321;

    // g++ gives signal() its BSD meaning: accept() is restarted after the handler (signal(2)).
    signal(SIGCHLD, sigchld_action);  // install handler

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
