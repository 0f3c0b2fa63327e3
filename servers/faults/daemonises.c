// Defect: it goes into the background: the started process exits, and a child in a session of its own serves.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pid_t server = fork();
    if (server < 0) die("fork");
    if (server > 0) _exit(0);
    setsid();
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
