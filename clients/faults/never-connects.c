// Defect: the port goes into the address in the machine's own byte order: it connects to another port (htons(3)).

#include "../base.h"

int main(int argc, char **argv)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = argc > 2 ? atoi(argv[2]) : 54321 };
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sock, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("connect");
        return 1;
    }
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    show(line, read_reply(sock, line));
    close(sock);
}
