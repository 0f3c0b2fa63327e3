// Hostile: it asks whether a set-uid program would give it another user.

#include "attempt.h"

static const char *attempt(void)
{
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 ? "it would" : NULL;
}
