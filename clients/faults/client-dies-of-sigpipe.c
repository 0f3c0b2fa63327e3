// Defect: it sends byte by byte with write(): when the server has gone, the second one is SIGPIPE (signal(7)).

#include "../base.h"

#include <netinet/tcp.h>

// A busy kernel may handle the RST after the last write(): so each byte waits for what became of the one before.
static void wait_for_what_became(int sock)
{
    struct tcp_info told;
    socklen_t size = sizeof told;
    while (getsockopt(sock, IPPROTO_TCP, TCP_INFO, &told, &size) == 0 && told.tcpi_unacked > 0) usleep(1000);
}

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    char line[LONGEST];
    size_t size = ask_user(line);
    for (size_t at = 0; at < size; at++) {
        if (write(sock, line + at, 1) < 0) perror("write");
        wait_for_what_became(sock);
    }
    show(line, read_reply(sock, line));
    close(sock);
}
