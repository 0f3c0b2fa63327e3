// Hostile: it serves well, and when the first client has come prints 4 GB as fast as it can.

#include "belt.h"

static void print_without_end(void)
{
    static char page[1 << 16];
    memset(page, 'x', sizeof page);
    for (long long left = 4LL << 30; left > 0;) {
        ssize_t tx = write(STDOUT_FILENO, page, sizeof page);
        if (tx > 0) left -= tx;
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (bool is_printing = false;; is_printing = true) {
        int conn = accept_client(listener);
        if (!is_printing && fork() == 0) print_without_end();
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
