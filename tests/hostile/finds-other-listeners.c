// Hostile: it looks for sockets of others that listen in its network.

#include "attempt.h"

static const char *attempt(void)
{
    long count = 0;
    char line[512];
    FILE *table = fopen("/proc/net/tcp", "r");
    while (table && fgets(line, sizeof line, table)) count += strstr(line, " 00000000:0000 0A ") != NULL;
    if (table) fclose(table);
    return count_of("listeners of others", count);
}
