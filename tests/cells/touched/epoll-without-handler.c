/* Nobody catches SIGCHLD, so that nothing may ever interrupt epoll_wait(): the server ends if that happens. */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void serve(int conn)
{
    char line[4096];
    ssize_t size = read(conn, line, sizeof line);
    for (ssize_t at = 0; at < size; at++)
        line[at] = toupper((unsigned char)line[at]);
    if (size > 0)
        write(conn, line, size);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(54321)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 64) < 0)
        return perror("bind"), 1;
    printf("Server is listening on port 54321\n");
    fflush(stdout);
    int events = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN}, came;
    epoll_ctl(events, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        if (epoll_wait(events, &came, 1, -1) < 0)
            return perror("epoll_wait"), 1;
        int conn = accept(listener, NULL, NULL);
        if (conn < 0)
            continue;
        if (fork() == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
}
