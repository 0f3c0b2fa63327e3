// Defect: it never calls listen(). Its socket has the port, and no client can reach it.

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    bound_socket(port);
    announce(port);
    for (;;) pause();
}
