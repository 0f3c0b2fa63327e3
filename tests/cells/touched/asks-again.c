/* Slide 19's handler; the child does not sleep in read(): it asks again and again (EAGAIN). */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void sigchld_action(int signo)
{
    (void)signo;
    wait(NULL);
    signal(SIGCHLD, sigchld_action);
}

static void serve(int conn)
{
    char line[4096];
    ssize_t size;
    fcntl(conn, F_SETFL, O_NONBLOCK);
    while ((size = read(conn, line, sizeof line)) < 0 && errno == EAGAIN)
        continue;
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
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 5) < 0)
        return perror("bind"), 1;
    signal(SIGCHLD, sigchld_action);
    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0)
            continue;
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
