// Hostile: it takes every process that it sees under ptrace(2).

#include "attempt.h"
#include <sys/ptrace.h>

static const char *attempt(void)
{
    long count = 0;
    for (const int *pid = others(); *pid; pid++) count += ptrace(PTRACE_SEIZE, *pid, 0, 0) == 0;
    return count_of("others are traced", count);
}
