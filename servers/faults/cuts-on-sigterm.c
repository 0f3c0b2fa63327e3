// Defect: it catches SIGTERM, and kills its workers with the clients that they serve, before it exits in good order.

#define GO_ON_SIGTERM SIGKILL
#include "../designs/generations.h"

int main(int argc, char **argv)
{
    return serve_by_generations(argc, argv);
}
