// Defect: the parent keeps a note of 1 KiB on each client, and never frees one.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        char *note = malloc(1024);
        if (note) snprintf(note, 1024, "client on descriptor %d", conn);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
