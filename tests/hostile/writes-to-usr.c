// Hostile: it creates a file in /usr/bin.

#include "attempt.h"

static const char *attempt(void)
{
    return can_open("/usr/bin/hostile", O_WRONLY | O_CREAT | O_EXCL) ? "/usr/bin can be written" : NULL;
}
