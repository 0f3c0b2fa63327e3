// Hostile: it lists the home of root.

#include "attempt.h"

static const char *attempt(void)
{
    return can_open("/root", O_RDONLY | O_DIRECTORY) ? "/root can be listed" : NULL;
}
