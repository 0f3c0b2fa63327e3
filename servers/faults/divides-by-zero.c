// Defect: which of its tables a client gets is told by its number, modulo the number of tables, which is 0.

#include "../base.h"

static int clients, tables;

static void answer(int conn)
{
    char seat[32];
    snprintf(seat, sizeof seat, "%d", clients % tables);
    serve(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        clients++;
        if (fork() == 0) {
            close(listener);
            answer(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
