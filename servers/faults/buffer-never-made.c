// Defect: its buffer is a pointer, and nobody has called malloc(): read() has nowhere to put the line (read(2), EFAULT).

#include "../base.h"

struct session {
    int conn;
    char *line;
};

static void answer(struct session *session)
{
    ssize_t size = read(session->conn, session->line, 4096);
    if (size < 0) return;
    capitalise(session->line, size);
    write_all(session->conn, session->line, size);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {
        struct session session = {.conn = accept_client(listener)};
        if (fork() == 0) {
            close(listener);
            answer(&session);
            exit(0);
        }
        close(session.conn);
    }
}
