// Defect: when the server leaves without a reply it ends without a word, as if all were well.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    if (send(sock, line, size, MSG_NOSIGNAL) < 0) return 0;
    ssize_t got;
    while ((got = read(sock, line, LONGEST)) > 0) {
        show(line, got);
        if (memchr(line, '\n', got)) break;
    }
    close(sock);
}
