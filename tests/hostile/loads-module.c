// Hostile: it loads a module into the kernel.

#include "attempt.h"

static const char *attempt(void)
{
    return syscall(SYS_finit_module, -1, "", 0) == 0 || errno == EBADF ? "it may" : NULL;
}
