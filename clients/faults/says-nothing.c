// Defect: where nobody listens it ends without a word, and with status 0.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = try_to_connect(argc, argv);
    if (sock < 0) return 0;
    char line[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    show(line, read_reply(sock, line));
    close(sock);
}
