// Defect: it fills a buffer by fread(), which goes on behind the end of the line: its user types once (fread(3)).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    printf("Please type a short sentence: ");
    fflush(stdout);

    char line[LONGEST], reply[LONGEST];
    size_t size = fread(line, 1, sizeof line, stdin);
    if (size == 0) return 0;
    send_all(sock, line, size);
    show(reply, read_reply(sock, reply));
    return 0;
}
