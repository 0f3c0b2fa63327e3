/* parrot: greets, then answers each line with "250 " and the line, until the client goes.
   A child for each client. Usage: parrot PORT */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int number)
{
    int saved = errno;
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = saved;
}

static void serve(int conn)
{
    char line[1024];
    FILE *in = fdopen(conn, "r"), *out = fdopen(dup(conn), "w");
    fputs("220 parrot\n", out);
    fflush(out);
    while (fgets(line, sizeof line, in)) {
        fprintf(out, "250 %s", line);
        fflush(out);
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in where = {.sin_family = AF_INET};
    struct sigaction reaps = {.sa_handler = reap, .sa_flags = SA_RESTART};
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    where.sin_port = htons(argc > 1 ? atoi(argv[1]) : 54321);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&where, sizeof where) || listen(listener, 64)) {
        perror("parrot");
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGCHLD, &reaps, NULL);
    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0)
            continue;
        if (fork() == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
}
