// Defect: it sends as many bytes as a pointer has, and not as many as the line has (sizeof of a pointer).

#include "../base.h"

static void send_line(int sock, const char *line)
{
    send_all(sock, line, sizeof(line) / 2);
}

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    ask_user(line);
    send_line(sock, line);
    show(line, read_reply(sock, line));
    close(sock);
}
