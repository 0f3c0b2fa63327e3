// Defect: when it has shown the reply it waits for ever, its connection still open.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    show(line, read_reply(sock, line));
    for (;;) pause();
}
