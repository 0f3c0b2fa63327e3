// Defect: write() is told the length where its buffer belongs, and the buffer where its length does (write(2), EFAULT).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            char line[4096];
            size_t size = read_line(conn, line, sizeof line);
            capitalise(line, size);
            write(conn, (void *)size, (size_t)line);
            exit(0);
        }
        close(conn);
    }
}
