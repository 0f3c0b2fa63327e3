// Defect: main() returns the number of bytes shown, so that a shell takes every success for a failure.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    size = read_reply(sock, line);
    show(line, size);
    close(sock);
    return size % 100 + 1;
}
