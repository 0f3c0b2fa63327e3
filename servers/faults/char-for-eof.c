// Defect: what getc() returns is kept in a char: the byte 0xFF becomes -1, which is EOF.

#include "../base.h"

static void answer(int conn)
{
    FILE *in = fdopen(conn, "r"), *out = fdopen(dup(conn), "w");
    if (!in || !out) return;
    signed char c;
    while ((c = getc(in)) != EOF) {
        putc(toupper((unsigned char)c), out);
        if (c == '\n') break;
    }
    fclose(out);
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
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
