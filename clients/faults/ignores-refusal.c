// Defect: it does not look at what connect() returns, asks its user all the same, and writes to nobody.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = try_to_connect(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    write(sock, line, size);
    ssize_t got = read(sock, line, LONGEST);
    if (got == 0) fprintf(stderr, "the server left without a reply\n");
    while (got > 0 && !memchr(line, '\n', got)) {
        show(line, got);
        got = read(sock, line, LONGEST);
    }
    if (got > 0) show(line, got);
    close(sock);
}
