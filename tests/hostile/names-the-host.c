// Hostile: it gives the host another name.

#include "attempt.h"

static const char *attempt(void)
{
    return sethostname("hostile", 7) == 0 ? "the name is changed" : NULL;
}
