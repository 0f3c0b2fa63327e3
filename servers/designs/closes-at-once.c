// Design: one process tells whoever connects the same words and closes at once, whatever they say.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        write_all(conn, "Closed on Sundays.\n", 19);
        close(conn);
    }
}
