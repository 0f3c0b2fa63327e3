// Defect: the log file could not be opened, and it writes to it all the same: SIGSEGV before there is a socket.

#include "../base.h"

int main(int argc, char **argv)
{
    FILE *log = fopen("/no/such/folder/server.log", "a");
    fprintf(log, "starting\n");

    int listener = listen_on(argc, argv);
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
