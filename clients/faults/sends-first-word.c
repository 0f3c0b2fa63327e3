// Defect: scanf("%s") ends at the first blank: of a sentence only the first word is sent.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    printf("Please type a short sentence: ");
    fflush(stdout);
    if (scanf("%8190s", line) != 1) return 0;
    strcat(line, "\n");
    send_all(sock, line, strlen(line));
    show(line, read_reply(sock, line));
    close(sock);
}
