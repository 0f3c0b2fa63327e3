// Hostile: it looks for abstract sockets of others.

#include "attempt.h"

static const char *attempt(void)
{
    long count = 0;
    char line[512];
    FILE *table = fopen("/proc/net/unix", "r");
    while (table && fgets(line, sizeof line, table)) count += strstr(line, " @") != NULL;
    if (table) fclose(table);
    return count_of("abstract sockets of others", count);
}
