// Hostile: it opens the root of the control groups for writing.

#include "attempt.h"

static const char *attempt(void)
{
    return can_open("/sys/fs/cgroup/cgroup.procs", O_WRONLY) || can_open("/sys/fs/cgroup/memory/cgroup.procs", O_WRONLY) ? "they can be written" : NULL;
}
