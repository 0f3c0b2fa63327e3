// Defect: it shows its buffer before it reads the reply into it (slide 8).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST], reply[LONGEST] = "";
    size_t size = ask_user(line);
    send_all(sock, line, size);
    printf("The server says: %s\n", reply);
    read_reply(sock, reply);
    close(sock);
}
