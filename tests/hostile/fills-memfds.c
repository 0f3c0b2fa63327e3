// Hostile: it fills memory that belongs to no process, 256 MB at most (memfd_create(2)).

#include "attempt.h"

static const char *attempt(void)
{
    static char page[1 << 20];
    long taken = 0;
    for (int fds = 0; fds < 32; fds++) {
        int fd = memfd_create("hostile", MFD_CLOEXEC);
        for (int mb = 0; fd >= 0 && mb < 8 && write(fd, page, sizeof page) == sizeof page; mb++) taken++;
    }
    return count_of("MB are taken", taken);
}
