// Hostile: it takes process 1 under ptrace(2).

#include "attempt.h"
#include <sys/ptrace.h>

static const char *attempt(void)
{
    if (ptrace(PTRACE_SEIZE, 1, 0, 0) < 0) return NULL;
    ptrace(PTRACE_DETACH, 1, 0, 0);
    return "process 1 is traced";
}
