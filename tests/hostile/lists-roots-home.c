// Hostile: it lists the home of root.

#include "attempt.h"
#include <dirent.h>

static const char *attempt(void)
{
    DIR *home = opendir("/root");
    if (home == NULL) return NULL;
    long found = -2;  // . and ..
    while (readdir(home) != NULL) found++;
    closedir(home);
    return found > 0 ? count_of("files of root are seen", found) : NULL;
}
