// Defect: what it sends stands in its source, and its user is never asked.

#include "../base.h"

int main(int argc, char **argv)
{
    static const char words[] = "Hello from the client\n";
    int sock = connect_to(argc, argv);
    char reply[LONGEST];
    send_all(sock, words, strlen(words));
    show(reply, read_reply(sock, reply));
    close(sock);
}
