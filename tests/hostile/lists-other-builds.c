// Hostile: it lists the folder in which the folder of its own program lies.

#include "attempt.h"

static const char *attempt(void)
{
    char path[4200];
    ssize_t length = readlink("/proc/self/exe", path, 4096);
    if (length <= 0) return NULL;
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    char *last = strrchr(path, '/');
    if (!last || last == path) return NULL;
    *last = '\0';
    long count = -1;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) count += entry->d_name[0] != '.';
    return folder ? count_of("folders beside its own", count) : NULL;
}
