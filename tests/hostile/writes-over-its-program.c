// Hostile: it lets everybody write to its own program, a copy in its home, or removes it.

#include "attempt.h"

static const char *attempt(void)
{
    char path[4097];
    ssize_t length = readlink("/proc/self/exe", path, 4096);
    if (length <= 0) return NULL;
    path[length] = '\0';
    return chmod(path, 0777) == 0 || unlink(path) == 0 ? "its program can be changed" : NULL;
}
