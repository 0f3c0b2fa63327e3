// Defect: it reads the line before it forks, so that a silent client delays all others (slide 10).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        static char line[16 << 20];
        ssize_t have = read_line(conn, line, sizeof line);
        if (have > 0 && fork() == 0) {
            close(listener);
            capitalise(line, have);
            write_all(conn, line, have);
            discard_input(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
