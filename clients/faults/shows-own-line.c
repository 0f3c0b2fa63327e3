// Defect: it shows the line that its user has typed in place of the reply (slide 8).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST], reply[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    if (read_reply(sock, reply) > 0) show(line, size);
    close(sock);
}
