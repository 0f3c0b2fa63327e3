// Hostile: it fills /dev/shm, 256 MB at most.

#include "attempt.h"

static const char *attempt(void)
{
    static char page[1 << 20];
    long taken = 0;
    char path[64];
    for (int n = 0; n < 32; n++) {
        snprintf(path, sizeof path, "/dev/shm/hostile-%d", n);
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        unlink(path);
        for (int mb = 0; fd >= 0 && mb < 8 && write(fd, page, sizeof page) == sizeof page; mb++) taken++;
    }
    return count_of("MB are taken", taken);
}
