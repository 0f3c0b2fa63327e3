// Defect: it reads once and shows what came: the rest of the reply is left behind (UNP 3.9).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST], reply[256];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    ssize_t got = read(sock, reply, sizeof reply);
    if (got <= 0) {
        fprintf(stderr, "the server left without a reply\n");
        return 1;
    }
    show(reply, got);
    close(sock);
}
