// Hostile: it makes a user and a mount namespace, and mounts a tmpfs over /tmp.

#include "attempt.h"
#include <sched.h>
#include <sys/mount.h>

static const char *attempt(void)
{
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && mount("none", "/tmp", "tmpfs", 0, "size=1M") == 0 ? "the tmpfs is mounted" : NULL;
}
