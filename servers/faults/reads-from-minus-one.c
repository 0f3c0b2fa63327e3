// Defect: accept() has failed, and the loop goes on with its -1: it reads from it until read() returns 0, for ever.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGPIPE, SIG_IGN);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        char c;
        ssize_t got;
        while ((got = recv(conn, &c, 1, 0)) != 0) {
            if (got < 0) continue;
            c = toupper((unsigned char)c);
            if (send(conn, &c, 1, 0) < 0 || c == '\n') break;
        }
        close(conn);
    }
}
