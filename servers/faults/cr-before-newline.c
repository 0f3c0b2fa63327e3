// Defect: the newline is cut off, and CR and LF are put behind the reply, as other protocols want it.

#include "../base.h"

static void answer(int conn)
{
    FILE *in = fdopen(conn, "r");
    char *line = NULL;
    size_t size = 0;
    ssize_t have = in ? getline(&line, &size, in) : -1;
    if (have <= 0) return;
    if (line[have - 1] == '\n') have--;
    capitalise(line, have);
    if (write_all(conn, line, have)) write_all(conn, "\r\n", 2);
    discard_input(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            answer(conn);
            _exit(0);
        }
        close(conn);
    }
}
