// Hostile: it makes a map by bpf(2).

#include "attempt.h"

static const char *attempt(void)
{
    struct { unsigned type, key, value, entries, more[28]; } map = {1, 4, 4, 1, {0}};
    return syscall(SYS_bpf, 0, &map, sizeof map) >= 0 ? "the map is made" : NULL;
}
