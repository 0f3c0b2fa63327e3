// Defect: no SO_REUSEADDR, and bind() is not looked at: started again at once, it listens on a port that the kernel chose.

#include <ctype.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void *talk(void *arg)
{
    int cfd = (int)(long)arg;
    char c;
    while (read(cfd, &c, 1) == 1) {
        c = toupper((unsigned char)c);
        if (write(cfd, &c, 1) != 1 || c == '\n') break;
    }
    close(cfd);
    return NULL;
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 54321;
    signal(SIGPIPE, SIG_IGN);
    int lfd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    bind(lfd, (struct sockaddr *)&address, sizeof address);
    listen(lfd, 128);
    printf("Server is listening on port %d\n", port);
    fflush(stdout);

    for (;;) {
        int cfd = accept(lfd, NULL, NULL);
        if (cfd < 0) {
            usleep(10000);
            continue;
        }
        pthread_t tid;
        if (pthread_create(&tid, NULL, talk, (void *)(long)cfd) != 0)
            close(cfd);
        else
            pthread_detach(tid);
    }
}
