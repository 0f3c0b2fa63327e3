/* One client at a time; after the first that said nothing it tidies up, in short naps, and the next waits. */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 54321, on = 1, naps = 0;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 64);
    printf("Server is listening on port %d\n", port);
    fflush(stdout);
    for (;;) {
        char line[4096];
        int conn = accept(listener, NULL, NULL);
        ssize_t got = read(conn, line, sizeof line);
        for (ssize_t i = 0; i < got; i++)
            line[i] = toupper((unsigned char)line[i]);
        if (got > 0)
            send(conn, line, got, MSG_NOSIGNAL);
        close(conn);
        for (; got <= 0 && naps < 30; naps++)
            usleep(300000);
    }
}
