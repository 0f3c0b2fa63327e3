// Defect: it wants a path beside the port, says so in words of its own, goes on without one, and crashes.

#include "../base.h"

int main(int argc, char **argv)
{
    if (argc < 3) printf("eg: ./server port path\n");
    fflush(stdout);
    int port = atoi(argv[1]);
    if (strlen(argv[2]) == 0 || chdir(argv[2]) != 0) die("chdir");
    listen(bound_socket(port), 64);
    announce(port);
    pause();
}
