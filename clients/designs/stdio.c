// Design: both directions through stdio, by fdopen(3).

#include "../base.h"

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    int sock = connect_to(argc, argv);
    FILE *from = fdopen(sock, "r"), *to = fdopen(dup(sock), "w");
    char line[LONGEST];
    ask_user(line);
    fputs(line, to);
    if (fflush(to) == EOF || fgets(line, LONGEST, from) == NULL) {
        fprintf(stderr, "no reply\n");
        return 1;
    }
    fputs(line, stdout);
}
