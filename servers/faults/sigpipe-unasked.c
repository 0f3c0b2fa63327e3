// Fault: one process tells whoever connects the same words by write(): to one who has gone, SIGPIPE ends it.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        if (write(conn, "Closed on ", 10) == 10) (void)!write(conn, "Sundays.\n", 9);
        close(conn);
    }
}
