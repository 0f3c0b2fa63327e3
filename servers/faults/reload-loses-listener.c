// Defect: on SIGHUP the listening socket is closed, and the new one is made while old workers hold the port: bind() fails.

#include "../base.h"

static int made_anew(int listener)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &size);
    close(listener);

    int made = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(made, (struct sockaddr *)&address, size) == 0 && listen(made, 64) == 0) return made;
    perror("bind");
    close(made);
    return -1;
}

#define LISTENER_ON_RELOAD made_anew
#include "../designs/generations.h"

int main(int argc, char **argv)
{
    return serve_by_generations(argc, argv);
}
