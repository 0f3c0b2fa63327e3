// belt.h - who is hostile first makes sure that a cell holds it.

#ifndef BELT_H
#define BELT_H

#include "../../servers/base.h"
#include <sys/resource.h>
#include <sys/stat.h>

// In a cell the uid is a spare one of the harness's, or process 1 of the namespace is the user's own; and the number
// of processes is limited. Elsewhere this would be a disaster, and ends here.
static inline void only_in_a_cell(void)
{
    uid_t uid = getuid();
    struct stat first;
    struct rlimit processes;
    bool is_spare = uid >= 61000 && uid < 65000;
    bool is_apart = uid != 0 && stat("/proc/1", &first) == 0 && first.st_uid == uid;
    bool is_limited = getrlimit(RLIMIT_NPROC, &processes) == 0 && processes.rlim_max <= 4096;
    if ((is_spare || is_apart) && is_limited) return;
    fprintf(stderr, "hostile: runs nowhere but in a cell\n");
    exit(1);
}

#endif
