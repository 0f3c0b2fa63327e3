// Defect: it closes the connection to say that its line is complete, and then reads (read(2), EBADF).
#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST], reply[LONGEST];
    size_t size = ask_user(line);
    send_all(sock, line, size);
    close(sock);
    ssize_t got = read(sock, reply, sizeof reply);
    if (got < 0) {
        perror("read");
        return 1;
    }
    fwrite(reply, 1, got, stdout);
    return 0;
}
