// Hostile: it fills the buffers of as many pairs of sockets as it may have, 200 at most.

#include "attempt.h"

static const char *attempt(void)
{
    static char page[1 << 16];
    long filled = 0;
    for (int ends[2]; filled < 200 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0; filled++)
        while (write(ends[1], page, sizeof page) > 0) {}
    return count_of("pairs are filled", filled);
}
