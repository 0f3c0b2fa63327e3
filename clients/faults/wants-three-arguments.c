// Defect: it wants a name besides host and port, and without it only says so.

#include "../base.h"

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s HOST PORT NAME\n", argv[0]);
        return 1;
    }
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    show(line, read_reply(sock, line));
    close(sock);
}
