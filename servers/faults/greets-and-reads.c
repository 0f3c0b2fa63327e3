// Defect: the child greets, and then shows what the client says on its own screen: nobody gets a reply.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            static char line[4096];
            ssize_t rx;
            close(listener);
            write_all(conn, "Welcome! Type a sentence.\n", 26);
            while ((rx = read_line(conn, line, sizeof line)) > 0) printf("client: %.*s", (int)rx, line);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
