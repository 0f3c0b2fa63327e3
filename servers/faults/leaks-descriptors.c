// Defect: the parent opens its log anew for every tenth client, and never closes the old one.

#include "../base.h"
#include <fcntl.h>

static int open_log(void)
{
    return open("/dev/null", O_WRONLY | O_APPEND);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    int log = open_log();

    for (int clients = 1;; clients++) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
        dprintf(log, "client %d\n", clients);
        if (clients % 10 == 0) log = open_log();
    }
}
