// Defect: it starts socat, which listens and serves, and waits for its end; no part of it is a server.

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    char address[96];
    snprintf(address, sizeof address, "TCP-LISTEN:%d,fork,reuseaddr,backlog=64", port);
    announce(port);
    if (fork() == 0) {
        execlp("socat", "socat", address, "EXEC:sed q,nofork", (char *)NULL);
        die("socat");
    }
    signal(SIGTERM, end_together);
    wait(NULL);
}
