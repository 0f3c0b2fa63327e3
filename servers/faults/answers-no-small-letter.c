// Defect: it writes a reply only to a line that holds no small letter, and hangs up on every other (slide 4).

#include "../base.h"

static bool is_large(const char *line, ssize_t size)
{
    for (ssize_t i = 0; i < size; i++)
        if (islower((unsigned char)line[i])) return false;
    return true;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            char line[4096];
            ssize_t size = read_line(conn, line, sizeof line);
            if (is_large(line, size)) write_all(conn, line, size);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
