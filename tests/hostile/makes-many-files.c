// Hostile: it makes 20000 empty files in its home, and leaves them.

#include "attempt.h"

static const char *attempt(void)
{
    long made = 0;
    char path[64];
    if (!getenv("HOME") || chdir(getenv("HOME")) != 0) return NULL;
    for (int n = 0; n < 20000; n++) {
        snprintf(path, sizeof path, "hostile-%d", n);
        made += can_open(path, O_WRONLY | O_CREAT);
    }
    return count_of("files are made", made);
}
