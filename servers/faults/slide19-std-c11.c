// Defect: under -std=c11 signal() is System V's: SIGCHLD makes accept() return -1, unchecked, and the loop forks on it.
//
// Every such child exits at once and so causes the next signal. Self-contained, for base.h would bring _GNU_SOURCE
// and with it the BSD meaning of signal() (signal(2), feature_test_macros(7)).

#include <ctype.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void sigchld_action(int signo)
{
    wait(NULL);
    signal(signo, sigchld_action);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 54321;
    signal(SIGCHLD, sigchld_action);

    int sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (sock < 0) { perror("socket"); exit(1); }
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(sock, (struct sockaddr *)&address, sizeof address) < 0) { perror("bind"); exit(1); }
    if (listen(sock, 64) < 0) { perror("listen"); exit(1); }
    printf("Server is listening on port %d\n", port);
    fflush(stdout);

    for (;;) {
        int conn = accept(sock, NULL, NULL);
        int pid = fork();
        if (pid == 0) {
            close(sock);
            char buf[1024];
            int rx = read(conn, buf, sizeof buf);
            for (int i = 0; i < rx; i++) buf[i] = toupper((unsigned char)buf[i]);
            if (rx > 0 && write(conn, buf, rx) < 0) perror("write");
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
