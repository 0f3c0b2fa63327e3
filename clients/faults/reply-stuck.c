// Defect: the reply stays in the buffer of stdio: it ends by _exit(), which flushes nothing (exit(3)).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST], buffer[2 * LONGEST];
    size_t size = ask_user(line);
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    send_all(sock, line, size);
    fwrite(line, 1, read_reply(sock, line), stdout);
    close(sock);
    _exit(0);
}
