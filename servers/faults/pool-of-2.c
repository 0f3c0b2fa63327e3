// Defect: the pool has two worker threads: two silent clients occupy them, and a third who asks first must wait.

#define WORKERS 2
#include "pool.h"
