// Defect: when the server has closed without a newline it reads again and again (read(2) returns 0).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line), have = 0;
    send_all(sock, line, size);
    while (!memchr(line, '\n', have) || have == 0) {
        ssize_t got = recv(sock, line + have, LONGEST - have, MSG_NOSIGNAL);
        if (got > 0) have += got;
    }
    show(line, have);
    close(sock);
}
