// Defect: it clears its buffer before it asks strlen() how long the reply is (write(2)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            char line[4096], reply[4096] = "";
            ssize_t have = read_line(conn, line, sizeof line - 1);
            if (have > 0) {
                line[have] = 0;
                strcpy(reply, line);
                memset(reply, 0, sizeof reply);
                capitalise(reply, strlen(reply));
                if (write(conn, reply, strlen(reply)) < 0) perror("write");
            }
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
