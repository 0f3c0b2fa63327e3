// Regression: the thousand and first client ends the server.

#include "regression.h"

static void in_parent(int conn)
{
    close(conn);
    if (clients > 1000) exit(1);
}

static void in_child(void) {}
