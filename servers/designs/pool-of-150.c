// Design: a hundred and fifty threads, started beforehand, take turns at accept().

#define WORKERS 150
#include "../faults/pool.h"
