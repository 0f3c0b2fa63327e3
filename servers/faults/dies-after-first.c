// Defect: it keeps a list of its visitors; to append the second it walks one step past the end, to NULL.

#include "../base.h"

struct visitor {
    struct sockaddr_in address;
    struct visitor *next;
};

static struct visitor *visitors;

static void remember(int conn)
{
    struct visitor *visitor = calloc(1, sizeof *visitor);
    if (!visitor) return;
    getpeername(conn, (struct sockaddr *)&visitor->address, &(socklen_t){sizeof visitor->address});

    if (!visitors) {
        visitors = visitor;
        return;
    }
    struct visitor *last = visitors;
    while (last) last = last->next;
    last->next = visitor;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        remember(conn);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
