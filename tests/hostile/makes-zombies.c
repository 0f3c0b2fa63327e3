// Hostile: it leaves a hundred zombies of its own before it listens.

#include "attempt.h"

static const char *attempt(void)
{
    long made = 0;
    signal(SIGCHLD, SIG_DFL);
    for (int n = 0; n < 100; n++) {
        pid_t pid = fork();
        if (pid == 0) _exit(0);
        made += pid > 0;
    }
    return count_of("zombies are made", made);
}
