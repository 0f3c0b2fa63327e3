// Defect: SIGCHLD makes accept() return -1, unchecked; the child that is forked for it reads from -1 for ever.
//
// The handler is installed without SA_RESTART (sigaction(2)), and the child ends where read() returns 0, not -1.

#include <ctype.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void catch_child(int signum)
{
    (void)signum;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

static void do_work(int cfd)
{
    char line[4096];
    size_t used = 0;
    for (;;) {
        ssize_t ret = read(cfd, line + used, sizeof line - used);
        if (ret == 0) break;
        if (ret > 0) used += ret;
        if (used > 0 && (line[used - 1] == '\n' || used == sizeof line)) {
            for (size_t i = 0; i < used; i++) line[i] = toupper((unsigned char)line[i]);
            if (write(cfd, line, used) < 0) perror("write");
            break;
        }
    }
    close(cfd);
    exit(0);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 54321;
    int lfd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(lfd, (struct sockaddr *)&address, sizeof address) < 0 || listen(lfd, 128) < 0) {
        perror("bind or listen");
        return 1;
    }
    printf("Server is listening on port %d\n", port);
    fflush(stdout);
    struct sigaction act = {.sa_handler = catch_child};
    sigaction(SIGCHLD, &act, NULL);

    for (;;) {
        int cfd = accept(lfd, NULL, NULL);
        if (fork() == 0) {
            close(lfd);
            do_work(cfd);
        }
        close(cfd);
    }
}
