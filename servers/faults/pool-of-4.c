// Defect: the pool has four worker threads: four silent clients occupy them, and nobody else is served.

#define WORKERS 4
#include "pool.h"
