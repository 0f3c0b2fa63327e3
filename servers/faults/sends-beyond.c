// Defect: what does not fit into the reply is cut off, and the reply is written in the length of the line: behind its end
// the client is sent what lies there in memory.

#include "../base.h"

struct talk {
    char reply[1024];
    char spare[64];
    char line[16 << 10];
};

static void answer(struct talk *talk, int conn)
{
    ssize_t have;
    while ((have = read_line(conn, talk->line, sizeof talk->line)) > 0) {
        size_t fits = (size_t)have < sizeof talk->reply ? (size_t)have : sizeof talk->reply;
        memcpy(talk->reply, talk->line, fits);
        capitalise(talk->reply, fits);
        if (!write_all(conn, talk->reply, have)) return;
        if (memchr(talk->line, '\n', have)) break;
    }
    discard_input(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            struct talk *talk = calloc(1, sizeof *talk);
            if (talk) answer(talk, conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
