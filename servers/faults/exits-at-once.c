// Defect: there is no loop. It listens, and then main() is over.

#include "../base.h"

int main(int argc, char **argv)
{
    listen_on(argc, argv);
    return 0;
}
