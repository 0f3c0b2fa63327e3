// Regression: the parent keeps a note of 1 KiB on each client, and never frees one.

#include "regression.h"

static void in_parent(int conn)
{
    char *note = malloc(1024);
    if (note) snprintf(note, 1024, "client on descriptor %d", conn);
    close(conn);
}

static void in_child(void) {}
