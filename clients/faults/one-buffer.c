// Defect: it reads to the newline, but shows only what fits into one small buffer.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    size_t got = read_reply(sock, line);
    show(line, got > 80 ? 80 : got);
    close(sock);
}
