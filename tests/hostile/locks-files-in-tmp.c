// Hostile: it takes a lock on every file in /tmp that is called after forkspec.

#include "attempt.h"
#include <sys/file.h>

static const char *attempt(void)
{
    long count = 0;
    char path[512];
    DIR *folder = opendir("/tmp");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(path, sizeof path, "/tmp/%s", entry->d_name);
        int fd = strstr(entry->d_name, "forkspec") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        count += fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (fd >= 0) close(fd);
    }
    return count_of("locks can be taken", count);
}
