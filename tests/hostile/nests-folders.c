// Hostile: it makes a thousand folders in its home, one inside the other, and leaves them.

#include "attempt.h"

static const char *attempt(void)
{
    long made = 0;
    if (!getenv("HOME") || chdir(getenv("HOME")) != 0) return NULL;
    while (made < 1000 && mkdir("d", 0700) == 0 && chdir("d") == 0) made++;
    return count_of("folders are made", made);
}
