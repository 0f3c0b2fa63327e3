// Defect: the reply does not depend on the line: every client gets the same greeting.

#include "../base.h"

static void answer(int conn)
{
    char line[128 << 10];
    const char *greeting = "WELCOME\n";
    if (read_line(conn, line, sizeof line) > 0) write_all(conn, greeting, strlen(greeting));
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
