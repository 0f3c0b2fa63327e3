// Hostile: it looks for descriptors above 2 that were open when it started.

#include "attempt.h"

static const char *attempt(void)
{
    long count = 0;
    for (int fd = 3; fd < 1024; fd++) count += fcntl(fd, F_GETFD) != -1;
    return count_of("descriptors were left open", count);
}
