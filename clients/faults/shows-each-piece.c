// Defect: puts() ends each piece that read() brings with a newline; TCP knows no messages (tcp(7)).
#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv), so_far = 0;
    char line[LONGEST], piece[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    ssize_t got;
    while ((got = read(sock, piece, sizeof piece - 1)) > 0) {
        piece[got] = '\0';
        puts(piece);
        so_far += got;
    }
    if (so_far == 0) fputs("the server left without a reply\n", stderr);
    close(sock);
    return so_far == 0;
}
