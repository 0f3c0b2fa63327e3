// Hostile: it fills segments of System V shared memory, 256 MB at most.

#include "attempt.h"
#include <sys/shm.h>

static const char *attempt(void)
{
    long taken = 0;
    for (int n = 0; n < 16; n++) {
        int id = shmget(IPC_PRIVATE, 16 << 20, IPC_CREAT | 0600);
        char *at = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
        if (id >= 0) shmctl(id, IPC_RMID, NULL);
        if (at == (void *)-1) break;
        memset(at, 1, 16 << 20);
        taken += 16;
    }
    return count_of("MB are taken", taken);
}
