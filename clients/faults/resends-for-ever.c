// Defect: nobody looks at what fgets() returns: at the end of input it sends the old line again, for ever.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST] = "";
    for (;;) {
        printf("Please type a short sentence: ");
        fflush(stdout);
        fgets(line, LONGEST, stdin);
        if (send(sock, line, strlen(line), MSG_NOSIGNAL) < 0) return 1;
        if (*line) break;
    }
    show(line, read_reply(sock, line));
    close(sock);
}
