// The old server: there is nothing wrong with it.

#include "regression.h"

static void in_parent(int conn) { close(conn); }
static void in_child(void) {}
