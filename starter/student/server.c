// A TCP server for many clients: yours to write.

#include <stdio.h>

int main(void)
{
    // socket(), bind() to port 54321, listen(); then for each client: accept(), read(), write(), close().
    fprintf(stderr, "not written yet\n");
    return 1;
}
