// Defect: it connects five times and uses only the last connection.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = -1;
    for (int i = 0; i < 5; i++) sock = connect_to(argc, argv);

    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    show(line, read_reply(sock, line));
    close(sock);
}
