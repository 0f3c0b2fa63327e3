// Defect: on SIGHUP the old workers are killed, with the clients that they serve.

#define GO_ON_RELOAD SIGKILL
#include "../designs/generations.h"

int main(int argc, char **argv)
{
    return serve_by_generations(argc, argv);
}
