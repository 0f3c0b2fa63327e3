// Defect: it writes the reply once, without waiting, and does not ask how much was taken (write(2), RETURN VALUE).

#include "../base.h"

enum { LONGEST = 16 << 20 };

static void answer(int conn)
{
    char *line = malloc(LONGEST);
    if (!line) return;

    ssize_t size = read_line(conn, line, LONGEST);
    if (size > 0) {
        capitalise(line, size);
        send(conn, line, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        discard_input(conn);
    }
    free(line);
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
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
