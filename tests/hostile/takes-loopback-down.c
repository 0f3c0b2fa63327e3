// Hostile: it takes the loopback of its network down.

#include "attempt.h"
#include <net/if.h>
#include <sys/ioctl.h>

static const char *attempt(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int refused = ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
    return refused == 0 ? "lo is down" : NULL;
}
