// Defect: that read() has returned 0 is not looked at: it writes to a client that has left, and SIGPIPE ends it.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        char line[4096] = "";
        while (strncmp(line, "QUIT", 4) != 0) {
            ssize_t size = read_line(conn, line, sizeof line - 1);
            if (size < 0) break;
            if (size > 0 && line[size - 1] == '\n') size--;
            capitalise(line, size);
            line[size] = '\n';
            if (write(conn, line, size) < 0 || write(conn, line + size, 1) < 0) break;
        }
        close(conn);
    }
}
