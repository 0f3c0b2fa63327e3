// Hostile: it reads files of what was built of others, beside the folder of its own program.

#include "attempt.h"

static long readable(const char *path)
{
    long count = 0;
    char inside[4400];
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        count += entry->d_type == DT_REG && can_open(inside, O_RDONLY);
    }
    if (folder) closedir(folder);
    return count;
}

static const char *attempt(void)
{
    char path[4200], own[4200] = "", other[4400];
    ssize_t length = readlink("/proc/self/exe", path, 4096);
    if (length <= 0) return NULL;
    path[length] = '\0';
    for (int up = 0; up < 2; up++) {
        char *last = strrchr(path, '/');
        if (!last || last == path) return NULL;
        strcpy(own, last + 1);
        *last = '\0';
    }
    long count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(other, sizeof other, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, own) == 0) continue;
        if (entry->d_type == DT_DIR && readable(other) > 0) count++;
    }
    if (folder) closedir(folder);
    return count_of("folders have a file that it can read", count);
}
