// Hostile: it makes a folder in its home that nobody may enter, with a file in it, and leaves both.

#include "attempt.h"

static const char *attempt(void)
{
    if (!getenv("HOME") || chdir(getenv("HOME")) != 0 || mkdir("closed", 0700) != 0) return NULL;
    if (!can_open("closed/file", O_WRONLY | O_CREAT)) return NULL;
    return chmod("closed/file", 0) == 0 && chmod("closed", 0) == 0 ? "they are there" : NULL;
}
