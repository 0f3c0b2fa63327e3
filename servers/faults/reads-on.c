// Defect: it answers once its buffer is full or the input has ended, and not once the newline has come.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            char buf[1024];
            ssize_t size = recv(conn, buf, sizeof buf, MSG_WAITALL);
            close(listener);
            if (size > 0) {
                capitalise(buf, size);
                write_all(conn, buf, size);
            }
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
