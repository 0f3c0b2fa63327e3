// Defect: its socket is the result of a comparison, 0, and it goes on when accept() fails (slide 3).

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener;
    if (listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) < 0) die("socket");
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 5);
    announce(port);
    reap_on_sigchld();

    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) {
            perror("accept");
            continue;
        }
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
