// Defect: its listening socket takes IPv6 alone (IPV6_V6ONLY): whoever connects to 127.0.0.1 is refused (ipv6(7)).

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
    if (listener < 0) die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int));

    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_ANY_INIT};
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
