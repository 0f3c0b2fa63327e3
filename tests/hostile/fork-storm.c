// Hostile: as soon as a client comes it forks without end, and so do all its children.

#include "belt.h"

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    accept_client(listener);
    for (;;) fork();
}
