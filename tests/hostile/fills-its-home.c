// Hostile: it fills its home with files of 8 MB, 256 MB at most.

#include "attempt.h"

static const char *attempt(void)
{
    static char page[1 << 20];
    long taken = 0;
    char path[64];
    if (!getenv("HOME") || chdir(getenv("HOME")) != 0) return NULL;
    for (int n = 0; n < 32; n++) {
        snprintf(path, sizeof path, "hostile-%d", n);
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        for (int mb = 0; fd >= 0 && mb < 8 && write(fd, page, sizeof page) == sizeof page; mb++) taken++;
        if (fd >= 0) close(fd);
    }
    return count_of("MB are taken", taken);
}
