// Design: a child for each connection, in the manner of a mail server: a greeting, then a reply to every line, all
// with CRLF, until the client closes. The replies go through stdio.

#include "../base.h"

static size_t without_ending(const char *line, size_t size)
{
    if (size > 0 && line[size - 1] == '\n') size--;
    if (size > 0 && line[size - 1] == '\r') size--;
    return size;
}

static void converse(int conn)
{
    FILE *in = fdopen(conn, "r"), *out = fdopen(conn, "w");  // two, for one would need fseek() to change direction
    if (!in || !out) return;

    char *line = NULL;
    size_t room = 0;
    fputs("220 ready\r\n", out);
    while (fflush(out) == 0) {
        ssize_t size = getline(&line, &room, in);
        if (size <= 0) return;
        fputs("250 ", out);
        fwrite(line, 1, without_ending(line, size), out);
        fputs("\r\n", out);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            converse(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
