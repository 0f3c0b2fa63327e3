// Defect: the loop that reads up to the newline reads each piece into the same place; only the last comes back.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            static char line[1 << 20];
            ssize_t n;
            close(listener);
            do {
                n = read(conn, line, sizeof line);
            } while (n > 0 && line[n - 1] != '\n');
            capitalise(line, n > 0 ? n : 0);
            write_all(conn, line, n > 0 ? n : 0);
            exit(0);
        }
        close(conn);
    }
}
