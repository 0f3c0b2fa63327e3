// Defect: select() is given the one set that there is, and takes out of it what is not ready (select(2)).

#include "../base.h"
#include <sys/select.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv), highest = listener;
    fd_set clients;
    FD_ZERO(&clients);
    FD_SET(listener, &clients);

    for (;;) {
        if (select(highest + 1, &clients, NULL, NULL, NULL) < 0) die("select");
        for (int fd = 0, last = highest; fd <= last; fd++) {
            if (!FD_ISSET(fd, &clients)) continue;
            if (fd == listener) {
                int conn = accept_client(listener);
                if (conn > highest) highest = conn;
                FD_SET(conn, &clients);
            } else {
                serve(fd);
                close(fd);
                FD_CLR(fd, &clients);
            }
        }
    }
}
