// Defect: it sends the NUL at the end of the string along.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size + 1);
    show(line, read_reply(sock, line));
    close(sock);
}
