// Regression: each answer takes 1 ms more of a processor.

#include "regression.h"
#include <time.h>

static long used_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static void in_parent(int conn) { close(conn); }

static void in_child(void)
{
    long until_us = used_us() + 1000;
    while (used_us() < until_us) {}
}
