// Design: a supervisor, as inetd is. It accepts, forks, and the child executes a program that knows no socket:
// its input and its output are the connection. Here that program is this one, under another name.

#include "../base.h"

static void become_worker(int listener, int conn)
{
    close(listener);
    for (int stream = 0; stream <= 2; stream++) dup2(conn, stream);
    if (conn > 2) close(conn);
    execl("/proc/self/exe", "worker", (char *)NULL);
    _exit(127);
}

int main(int argc, char **argv)
{
    if (strcmp(argv[0], "worker") == 0) {
        serve(STDIN_FILENO);
        return 0;
    }

    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) become_worker(listener, conn);
        close(conn);
    }
}
