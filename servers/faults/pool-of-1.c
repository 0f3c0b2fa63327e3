// Defect: the pool has one worker thread: a silent client occupies it, and nobody else is served.

#define WORKERS 1
#include "pool.h"
