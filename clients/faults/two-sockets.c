// Defect: it connects one socket, and writes to another, which is not connected (slide 3).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    int other = socket(AF_INET, SOCK_STREAM, 0);
    char line[LONGEST], reply[LONGEST];
    size_t size = ask_user(line);
    send_all(other, line, size);
    size = read_reply(other, reply);
    show(reply, size);
    close(sock);
}
