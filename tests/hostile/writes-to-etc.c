// Hostile: it opens a file of /etc for writing.

#include "attempt.h"

static const char *attempt(void)
{
    return can_open("/etc/passwd", O_WRONLY | O_APPEND) ? "/etc/passwd can be written" : NULL;
}
