// Defect: it sends word by word with write(): when the server has gone, the second one is SIGPIPE (signal(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    for (size_t at = 0; at < size; at++) {
        if (write(sock, line + at, 1) < 0) perror("write");
    }
    show(line, read_reply(sock, line));
    close(sock);
}
