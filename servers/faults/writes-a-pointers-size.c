// Defect: it writes sizeof buf bytes, and buf is a pointer: of every reply the first eight bytes come (sizeof, C11 6.5.3.4).

#include "../base.h"

static void answer(int conn)
{
    char *buf = malloc(65536);
    if (!buf) return;
    ssize_t size = read_line(conn, buf, 65536);
    for (ssize_t i = 0; i < size; i++) buf[i] = toupper((unsigned char)buf[i]);
    if (size > 0) write_all(conn, buf, sizeof buf);
    free(buf);
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
