// Hostile: it makes a device file.

#include "attempt.h"

static const char *attempt(void)
{
    const char *home = getenv("HOME");
    return chdir(home ? home : "/tmp") == 0 && mknod("null", S_IFCHR | 0666, 1 << 8 | 3) == 0 ? "it is made" : NULL;
}
