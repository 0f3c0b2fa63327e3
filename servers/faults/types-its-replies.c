// Defect: the reply is what somebody types at the server's own keyboard, and nobody sits there.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        char line[4096], reply[4096];
        ssize_t size = read_line(conn, line, sizeof line);
        if (size > 0) {
            printf("client: %.*s", (int)size, line);
            fflush(stdout);
            if (fgets(reply, sizeof reply, stdin)) write_all(conn, reply, strlen(reply));
        }
        close(conn);
    }
}
