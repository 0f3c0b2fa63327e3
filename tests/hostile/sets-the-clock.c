// Hostile: it sets the clock of the machine, to what it is.

#include "attempt.h"
#include <time.h>

static const char *attempt(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return clock_settime(CLOCK_REALTIME, &now) == 0 ? "the clock is set" : NULL;
}
