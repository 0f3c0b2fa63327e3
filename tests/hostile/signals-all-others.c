// Hostile: it sends signal 0 to every process that it sees but itself.

#include "attempt.h"

static const char *attempt(void)
{
    long count = 0;
    for (const int *pid = others(); *pid; pid++) count += kill(*pid, 0) == 0;
    return count_of("others may be sent signals", count);
}
