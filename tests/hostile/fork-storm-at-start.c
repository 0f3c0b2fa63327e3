// Hostile: it forks without end from the start, and never listens.

#include "belt.h"

int main(void)
{
    only_in_a_cell();
    for (;;) fork();
}
