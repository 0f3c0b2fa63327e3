// Defect: its length is the result of a comparison, 1, and so it shows one byte of each read (slide 8).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    ssize_t got, all = 0;
    while (got = read(sock, line, sizeof line) > 0) {
        show(line, got);
        all += got;
    }
    if (all == 0) {
        fprintf(stderr, "the server left without a reply\n");
        return 1;
    }
    close(sock);
}
