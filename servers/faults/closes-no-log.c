// Defect: its log could not be opened, and each child closes it all the same: SIGSEGV, behind the reply.

#include "../base.h"

int main(int argc, char **argv)
{
    FILE *log = fopen("/no/such/folder/server.log", "a");
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            fclose(log);
            _exit(0);
        }
        close(conn);
    }
}
