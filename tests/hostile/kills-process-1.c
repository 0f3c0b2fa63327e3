// Hostile: it sends SIGKILL to process 1.

#include "attempt.h"

static const char *attempt(void)
{
    return kill(1, SIGKILL) == 0 ? "the signal is sent, without effect" : NULL;
}
