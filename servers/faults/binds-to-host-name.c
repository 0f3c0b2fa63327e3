// Defect: it is bound to the address of the machine's name, so whoever connects to 127.0.0.1 is refused.

#include "../base.h"
#include <netdb.h>

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener < 0) die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));

    char name[256] = "";
    gethostname(name, sizeof name - 1);
    struct hostent *found = gethostbyname(name);
    if (!found) die(name);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    memcpy(&address.sin_addr, found->h_addr_list[0], sizeof address.sin_addr);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    if (listen(listener, 64) < 0) die("listen");
    announce(port);
    signal(SIGTERM, end_together);
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
