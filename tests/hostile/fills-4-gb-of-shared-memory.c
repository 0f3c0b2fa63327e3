// Hostile: it fills 4 GB of System V shared memory, mapped a piece at a time.

#include "attempt.h"
#include <sys/shm.h>
#include <sys/wait.h>

enum { PIECE = 64 << 20, PIECES = 64 };

static const char *attempt(void)
{
    int ids[PIECES], made = 0;
    while (made < PIECES && (ids[made] = shmget(IPC_PRIVATE, PIECE, IPC_CREAT | 0600)) >= 0) made++;
    pid_t child = fork();
    if (child == 0) {
        for (int n = 0; n < made; n++) {
            char *at = shmat(ids[n], NULL, 0);
            if (at == (void *)-1) _exit(1);
            memset(at, 1, PIECE);
            shmdt(at);
        }
        _exit(0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    for (int n = 0; n < made; n++) shmctl(ids[n], IPC_RMID, NULL);
    return status == 0 ? count_of("MB are taken", made * (long)(PIECE >> 20)) : NULL;
}
