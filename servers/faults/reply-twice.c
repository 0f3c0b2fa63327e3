// Defect: fork() copies the buffer of a FILE* with the reply, and exit() writes it in both.

#include "../base.h"

static void note(const char *line)
{
    if (fork() == 0) {
        fprintf(stderr, "%zu bytes\n", strlen(line));
        exit(0);
    }
}

static void answer(int conn)
{
    char line[4096];
    ssize_t size = read_line(conn, line, sizeof line - 1);
    if (size <= 0) return;

    line[size] = '\0';
    capitalise(line, size);
    FILE *out = fdopen(conn, "w");
    if (out == NULL) return;
    fwrite(line, 1, size, out);
    note(line);
    discard_input(conn);
    fclose(out);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    signal(SIGPIPE, SIG_IGN);

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
