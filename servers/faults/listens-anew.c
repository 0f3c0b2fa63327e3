// Defect: the loop makes its socket anew for each client, and closes it when that one has been served, with all who wait in its queue.

#include "../base.h"

int main(int argc, char **argv)
{
    int port = port_from(argc, argv);
    signal(SIGTERM, end_together);

    for (int served = 0;; ++served) {
        int listener = bound_socket(port);
        if (listen(listener, 64) < 0) die("listen");
        if (served == 0) {
            printf("Server is listening on port %d\n", port);
            fflush(stdout);
        }
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
        close(listener);
    }
}
