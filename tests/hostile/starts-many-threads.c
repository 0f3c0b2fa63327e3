// Hostile: it starts threads until it may not, 1000 at most, and lets them sleep for ever.

#include "attempt.h"
#include <pthread.h>

static void *sleep_for_ever(void *nothing)
{
    for (;;) pause();
    return nothing;
}

static const char *attempt(void)
{
    pthread_t one;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    long started = 0;
    while (started < 1000 && pthread_create(&one, &small, sleep_for_ever, NULL) == 0) started++;
    return count_of("threads are started", started);
}
