// Defect: its readline counts one byte too many where a line is longer than its buffer: a NUL behind each piece.

#include "../base.h"

static ssize_t read_piece(int conn, char *line, size_t most)
{
    size_t count;
    char byte = 0;
    for (count = 1; count < most; count++) {
        ssize_t got = read(conn, &byte, 1);
        if (got < 0 && errno == EINTR) {
            count--;
            continue;
        }
        if (got < 0) return -1;
        if (got == 0) {
            count--;
            break;
        }
        line[count - 1] = byte;
        if (byte == '\n') break;
    }
    line[count < most ? count : most - 1] = '\0';
    return count;
}

static void serve_pieces(int conn)
{
    char line[4096];
    ssize_t size;
    while ((size = read_piece(conn, line, sizeof line)) > 0) {
        for (ssize_t i = 0; i < size; i++) line[i] = toupper((unsigned char)line[i]);
        if (write(conn, line, size) < 0 || line[size - 1] == '\n') return;
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap_children, SA_RESTART);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve_pieces(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
