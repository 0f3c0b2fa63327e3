// Defect: the pool has ten worker threads: ten people who think before they type keep the eleventh waiting.

#define WORKERS 10
#include "pool.h"
