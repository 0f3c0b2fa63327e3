// Defect: on SIGHUP the master forgets its old workers, and waits for none of them.

#define REAP reap_present_ones
#include "../designs/generations.h"

int main(int argc, char **argv)
{
    return serve_by_generations(argc, argv);
}
