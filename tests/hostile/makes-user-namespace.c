// Hostile: it makes a user namespace of its own, and has all capabilities in it.

#include "attempt.h"
#include <sched.h>

static const char *attempt(void)
{
    return unshare(CLONE_NEWUSER) == 0 ? "the namespace is made" : NULL;
}
