// Hostile: it leaves files and folders where everybody may write, and a set of semaphores and a queue.

#include "attempt.h"
#include <sys/msg.h>
#include <sys/sem.h>

static const char *PLACES[] = {"/tmp", "/var/tmp", "/dev/shm"};

static const char *attempt(void)
{
    long made = 0;
    char path[64];
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        snprintf(path, sizeof path, "%s/left-%d", PLACES[i], getpid());
        made += mkdir(path, 0700) == 0;
        strcat(path, "/closed");
        made += mkdir(path, 0) == 0;
        snprintf(path, sizeof path, "%s/left-%d.txt", PLACES[i], getpid());
        made += can_open(path, O_WRONLY | O_CREAT);
    }
    made += semget(IPC_PRIVATE, 1, IPC_CREAT | 0600) >= 0;
    made += msgget(IPC_PRIVATE, IPC_CREAT | 0600) >= 0;
    return count_of("things are left", made);
}
