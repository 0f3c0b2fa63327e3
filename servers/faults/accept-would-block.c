// Defect: the listening socket does not block, and accept() that finds nobody ends the server.

#include "../base.h"
#include <fcntl.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    fcntl(listener, F_SETFL, O_NONBLOCK);

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) die("accept");
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
