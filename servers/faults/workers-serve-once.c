// Defect: each of its seven workers serves one client and ends, and no other takes its place.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (int worker = 0; worker < 7; worker++) {
        if (fork() == 0) {
            int conn = accept_client(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
    }
    for (;;) pause();
}
