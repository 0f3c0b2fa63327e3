// Regression: for every hundredth client the parent opens a file, and never closes it.

#include "regression.h"
#include <fcntl.h>

static void in_parent(int conn)
{
    close(conn);
    if (clients % 100 == 0) open("/dev/null", O_RDONLY);
}

static void in_child(void) {}
