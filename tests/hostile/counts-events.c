// Hostile: it counts the cycles of the whole machine by perf_event_open(2).

#include "attempt.h"

static const char *attempt(void)
{
    struct { unsigned type, size; unsigned long config, more[14]; } event = {0, 128, 0, {0}};
    return syscall(SYS_perf_event_open, &event, -1, 0, -1, 0) >= 0 ? "it counts" : NULL;
}
