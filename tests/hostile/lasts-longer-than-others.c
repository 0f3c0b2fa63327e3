// Hostile: it tells the kernel to end others first where memory runs out.

#include "attempt.h"

static const char *attempt(void)
{
    FILE *file = fopen("/proc/self/oom_score_adj", "w");
    return file && fputs("-1000", file) >= 0 && fclose(file) == 0 ? "it may" : NULL;
}
