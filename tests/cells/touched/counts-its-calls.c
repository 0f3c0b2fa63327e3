/* Sound, and fastidious: it ends where one of its calls does not return what it must when no signal is caught. */
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int holds, const char *what)
{
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static void serve(int conn)
{
    char text[4096];
    ssize_t size = 0;
    for (char one; size < (ssize_t)sizeof text && read(conn, &one, 1) == 1;) {
        text[size++] = toupper((unsigned char)one);
        if (one == '\n') break;
    }
    if (write(conn, text, size) != size) _exit(1);
}

int main(int argc, char **argv)
{
    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 54321)};
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    must(bind(sock, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    must(listen(sock, 64) == 0, "listen");
    signal(SIGCHLD, SIG_IGN);
    printf("Server is listening on port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct pollfd ready = {.fd = sock, .events = POLLIN};
        must(poll(&ready, 1, -1) == 1, "poll");
        int conn = accept(sock, NULL, NULL);
        must(conn >= 0, "accept");
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        must(getpeername(conn, (struct sockaddr *)&peer, &size) == 0 && size == sizeof peer, "getpeername");
        pid_t pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
            close(sock);
            serve(conn);
            close(conn);
            _exit(0);
        }
        must(close(conn) == 0, "close");
        must(close(conn) == -1 && errno == EBADF, "close it again");
        must(getppid() > 0 && write(2, "", 0) == 0, "write");
    }
}
