// Defect: it asks its user first and connects afterwards, as the lecture's first client (slide 5).

#include "../base.h"

int main(int argc, char **argv)
{
    char line[LONGEST];
    size_t size = ask_user(line);
    int sock = connect_to(argc, argv);
    send_all(sock, line, size);
    show(line, read_reply(sock, line));
    close(sock);
}
