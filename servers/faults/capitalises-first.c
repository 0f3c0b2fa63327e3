// Defect: it capitalises the first letter of the line alone (slide 4).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            char buf[4096];
            ssize_t have;
            bool is_first = true;
            while ((have = read_line(conn, buf, sizeof buf)) > 0) {
                if (is_first) capitalise(buf, 1);
                is_first = false;
                if (!write_all(conn, buf, have) || memchr(buf, '\n', have)) break;
            }
            discard_input(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
