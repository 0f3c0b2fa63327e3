// Defect: a child tells the parent that it has answered, and then is waited for; one that had no line tells nothing.

#include "../base.h"

static bool answer(int conn)
{
    char first;
    bool speaks = recv(conn, &first, 1, MSG_PEEK) == 1;
    serve(conn);
    return speaks;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    int answered[2];
    if (pipe(answered) < 0) die("pipe");

    struct pollfd watched[] = {{.fd = listener, .events = POLLIN}, {.fd = answered[0], .events = POLLIN}};
    for (;;) {
        if (poll(watched, 2, -1) < 0) continue;

        pid_t child;
        if (watched[1].revents && read(answered[0], &child, sizeof child) == sizeof child) waitpid(child, NULL, 0);
        if (!watched[0].revents) continue;

        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            child = getpid();
            if (answer(conn) && write(answered[1], &child, sizeof child) < 0) perror("write");
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
