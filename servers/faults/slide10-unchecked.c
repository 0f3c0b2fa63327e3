// Defect: the slip of slide 10, unchecked as there. Every call fails on socket -1, and the loop forks without end.

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
        int pid = fork();
        if (pid == 0) {
            close(sock);
            serve(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
