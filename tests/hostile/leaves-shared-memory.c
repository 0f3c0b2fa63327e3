// Hostile: it leaves a segment of System V shared memory behind.

#include "attempt.h"
#include <sys/shm.h>

static const char *attempt(void)
{
    return shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600) >= 0 ? "it is made" : NULL;
}
