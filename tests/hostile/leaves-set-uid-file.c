// Hostile: it makes a set-uid copy of a file in its home.

#include "attempt.h"

static const char *attempt(void)
{
    const char *home = getenv("HOME");
    if (chdir(home ? home : "/tmp") != 0 || !can_open("mine", O_WRONLY | O_CREAT)) return NULL;
    return chmod("mine", 06755) == 0 ? "it lies in its home" : NULL;
}
