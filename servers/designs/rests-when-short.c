// Design: a child for each connection. With no descriptor left it gives its port up for three seconds, as xinetd does,
// and binds it again: who comes meanwhile is refused at once, and does not wait in a queue that nobody serves.

#include "../base.h"

enum { REST_MS = 3000 };

static int reopen(int port)
{
    for (;;) {
        poll(NULL, 0, REST_MS);
        int listener = bound_socket(port);
        if (listen(listener, 64) == 0) return listener;
        close(listener);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0 && (errno == EMFILE || errno == ENFILE)) {
            close(listener);
            listener = reopen(port_from(argc, argv));
        }
        if (conn < 0) continue;
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
