// Defect: a reader with a buffer of its own, as books have it for one process, serves threads: its static variables
// belong to all of them, and what one has read another takes.

#include "../base.h"
#include <pthread.h>

static ssize_t next_byte(int conn, char *to)
{
    static ssize_t left;
    static char *from;
    static char buffer[4096];

    if (left <= 0) {
        left = read(conn, buffer, sizeof buffer);
        if (left <= 0) return left;
        from = buffer;
    }
    left--;
    *to = *from++;
    return 1;
}

static void *serve_line(void *given)
{
    int conn = (int)(long)given;
    char part[512];
    size_t have = 0;

    while (next_byte(conn, &part[have]) == 1) {
        bool is_last = part[have++] == '\n';
        if (is_last || have == sizeof part) {
            capitalise(part, have);
            if (!write_all(conn, part, have)) break;
            have = 0;
        }
        if (is_last) break;
    }
    if (have > 0) write_all(conn, part, have);
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGPIPE, SIG_IGN);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve_line, (void *)(long)conn) != 0) {
            close(conn);
            continue;
        }
        pthread_detach(thread);
    }
}
