// Hostile: it reads the passwords of the machine.

#include "attempt.h"

static const char *attempt(void)
{
    return can_open("/etc/shadow", O_RDONLY) ? "/etc/shadow can be read" : NULL;
}
