// Hostile: it makes a user namespace, where limits are counted anew, and forks there until it may not, 1000 at most.

#include "attempt.h"
#include <sched.h>
#include <sys/wait.h>

static const char *attempt(void)
{
    int told[2];
    long count = 0;
    if (pipe(told) != 0) return NULL;
    pid_t child = fork();
    if (child == 0) {
        pid_t made[1000];
        if (unshare(CLONE_NEWUSER) == 0)
            while (count < 1000 && (made[count] = fork()) >= 0) {
                if (made[count] == 0)
                    for (;;) pause();
                count++;
            }
        if (write(told[1], &count, sizeof count) != sizeof count) count = 0;
        for (long n = 0; n < count; n++) kill(made[n], SIGKILL);
        _exit(0);
    }
    close(told[1]);
    if (read(told[0], &count, sizeof count) != sizeof count) count = 0;
    close(told[0]);
    waitpid(child, NULL, 0);
    return count_of("processes are started", count);
}
