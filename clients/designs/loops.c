// Design: line after line until the end of input, and of each reply as many bytes as were sent (UNP 5.5).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    while (fgets(line, sizeof line, stdin)) {
        size_t size = strlen(line), have = 0;
        send_all(sock, line, size);
        while (have < size) {
            ssize_t got = read(sock, line + have, size - have);
            if (got <= 0) {
                fprintf(stderr, "the server left without a reply\n");
                return 1;
            }
            have += got;
        }
        show(line, have);
    }
    close(sock);
}
