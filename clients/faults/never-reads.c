// Defect: it sends the line and closes: nobody reads the reply.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    while (fgets(line, sizeof line, stdin)) continue;
    close(sock);
}
