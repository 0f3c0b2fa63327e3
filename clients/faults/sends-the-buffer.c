// Defect: it sends its whole array, and not as many bytes as the line has (sizeof of an array).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[256] = "";
    char reply[LONGEST];
    printf("text: ");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) return 0;
    send_all(sock, line, sizeof line);
    show(reply, read_reply(sock, reply));
    close(sock);
}
