// Defect: the line is copied by strcpy() into an array of sixteen bytes, and the array's end is overrun.

#include "../base.h"

static __attribute__((noinline)) void reply_to(int conn, const char *line)
{
    char reply[16];
    strcpy(reply, line);
    capitalise(reply, strlen(line));
    write_all(conn, reply, strlen(line));
}

static void answer(int conn)
{
    char line[4096];
    ssize_t have = read_line(conn, line, sizeof line - 1);
    if (have <= 0) return;
    line[have] = 0;
    reply_to(conn, line);
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
