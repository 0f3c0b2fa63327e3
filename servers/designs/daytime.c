// Design: a child for each connection, as daytime has it (RFC 867): whoever connects is told the time, asked or not.

#include "../base.h"
#include <time.h>

static void tell(int conn)
{
    time_t now = time(NULL);
    char words[64];
    size_t size = strftime(words, sizeof words, "%A, %B %d, %Y %T\n", gmtime(&now));
    send(conn, words, size, MSG_NOSIGNAL);
    shutdown(conn, SHUT_WR);
    while (read(conn, words, sizeof words) > 0) {}  // or close() would send RST to who has said something
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            tell(conn);
            _exit(0);
        }
        close(conn);
    }
}
