// Defect: it serves one client after the other, and a process of its own writes each into a log. When that has ended,
// SIGCHLD interrupts read(), and the -1 is taken for the end of the client (read(2), EINTR).

#include "../base.h"

static void log_client(int listener, int conn)
{
    if (fork() != 0) return;
    close(listener);
    close(conn);
    poll(NULL, 0, 20);  // a real one would look up the client's name
    _exit(0);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_children, SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        log_client(listener, conn);
        char buf[4096];
        ssize_t have = read(conn, buf, sizeof buf);
        if (have > 0) {
            capitalise(buf, have);
            write_all(conn, buf, have);
        }
        close(conn);
    }
}
