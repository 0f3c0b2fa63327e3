// Defect: it reads once and shows a string, with no NUL behind what came (slide 8).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST] = "";
    size_t size = ask_user(line);
    send_all(sock, line, size);
    if (read(sock, line, sizeof line) <= 0) {
        fprintf(stderr, "the server left without a reply\n");
        return 1;
    }
    printf("%s", line);
    fflush(stdout);
    close(sock);
}
