// Defect: the client's address is the index into a table of a hundred visitors.

#include "../base.h"

static int visits[100];

static void answer(int conn)
{
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    getpeername(conn, (struct sockaddr *)&from, &size);
    visits[from.sin_addr.s_addr]++;
    serve(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            answer(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
