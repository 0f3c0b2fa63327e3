// Defect: that read() has returned 0 is not looked at: nothing is written then, and it reads again, for ever.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        char line[4096];
        ssize_t size;
        do {
            size = read_line(conn, line, sizeof line);
            if (size > 0) capitalise(line, size);
        } while (size >= 0 && write(conn, line, size) >= 0);
        close(conn);
    }
}
