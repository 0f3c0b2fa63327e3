// Hostile: it changes its root folder.

#include "attempt.h"

static const char *attempt(void)
{
    return chroot("/") == 0 ? "it is changed" : NULL;
}
