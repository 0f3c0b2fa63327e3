// Hostile: it opens settings of the kernel for writing.

#include "attempt.h"

static const char *attempt(void)
{
    return can_open("/proc/sys/kernel/core_pattern", O_WRONLY) || can_open("/proc/sysrq-trigger", O_WRONLY) ? "they can be written" : NULL;
}
