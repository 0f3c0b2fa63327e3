// Defect: it leaves its starter twice, listens then, and crashes after its first client: its end is not its starter's.

#include "../base.h"

static void become_daemon(void)
{
    if (fork() != 0) _exit(0);
    setsid();
    if (fork() != 0) _exit(0);
}

int main(int argc, char **argv)
{
    become_daemon();
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
        abort();
    }
}
