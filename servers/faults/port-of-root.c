// Defect: it wants port 80, which only root may have (ip(7), bind(2), EACCES).

#include "../base.h"

int main(void)
{
    int listener = bound_socket(80);
    if (listen(listener, 64) < 0) die("listen");

    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}
