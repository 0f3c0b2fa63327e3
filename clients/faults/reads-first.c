// Defect: it reads from the server before it sends the line, and the server waits for the line (slide 7).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST], welcome[LONGEST];
    ask_user(line);
    if (read(sock, welcome, sizeof welcome) <= 0) exit(1);
    send_all(sock, line, strlen(line));
    show(line, read_reply(sock, line));
    close(sock);
}
