// Defect: it waits for a second line, which never comes: read() returns 0 when the server has closed (read(2)).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    for (int lines = 0; lines < 2;) {
        ssize_t got = read(sock, line, LONGEST);
        if (got > 0) {
            show(line, got);
            lines += line[got - 1] == '\n';
        }
    }
    close(sock);
}
