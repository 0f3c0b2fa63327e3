// Defect: it accepts on a socket that never listens, and takes the error for a shortage: nobody is let in (slide 3).

#include "../base.h"

int main(int argc, char **argv)
{
    int sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (sock < 0) die("socket");
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept(sock, NULL, NULL);
        if (conn < 0) {
            poll(NULL, 0, 50);
            continue;
        }
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
