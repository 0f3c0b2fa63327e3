// Defect: it reads once, and prints the array as a string: no NUL stands behind what came, and other bytes follow.

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST] = "", reply[LONGEST];
    memset(reply, 'A', sizeof reply - 1); // what an earlier call left there
    reply[16] = '\0';
    size_t size = ask_user(line);
    send_all(sock, line, size);
    if (read(sock, reply, sizeof reply) <= 0) {
        fprintf(stderr, "the server left without a reply\n");
        return 1;
    }
    printf("Server: %s\n", reply);
    close(sock);
}
