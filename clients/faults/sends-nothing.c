// Defect: the line goes into the buffer of a stdio stream upon the socket, and nobody flushes it (fflush(3)).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    FILE *to = fdopen(dup(sock), "w");
    char line[LONGEST];
    ask_user(line);
    fputs(line, to);
    show(line, read_reply(sock, line));
    close(sock);
}
