// Defect: the slip of slide 10. SOCK_DGRAM does not go with IPPROTO_TCP; socket() says so, and it gives up.

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP);
    if (listener < 0) die("socket");

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    if (listen(listener, 5) < 0) die("listen");
    announce(port);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
