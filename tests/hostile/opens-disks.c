// Hostile: it opens the disks and the memory of the machine.

#include "attempt.h"

static const char *attempt(void)
{
    return can_open("/dev/sda", O_RDONLY) || can_open("/dev/vda", O_RDONLY) || can_open("/dev/mem", O_RDONLY) || can_open("/dev/kmsg", O_RDONLY) ? "one of them is open" : NULL;
}
