// Design: a master and four workers with event loops. SIGHUP replaces the workers: the old ones serve whom they have,
// and exit. SIGTERM ends all of it in the same way.

#include "generations.h"

int main(int argc, char **argv)
{
    return serve_by_generations(argc, argv);
}
