// Hostile: it forks, and so do all its children, without end.

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    listen_on(argc, argv);
    for (;;) fork();
}
