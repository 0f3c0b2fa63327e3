// Hostile: it creates a file beside its own program, which is a copy in its home.

#include "attempt.h"

static const char *attempt(void)
{
    char path[4200];
    ssize_t length = readlink("/proc/self/exe", path, 4096);
    if (length <= 0) return NULL;
    path[length] = '\0';
    strcpy(strrchr(path, '/'), "/poison");
    return can_open(path, O_WRONLY | O_CREAT | O_EXCL) ? "its folder can be written" : NULL;
}
