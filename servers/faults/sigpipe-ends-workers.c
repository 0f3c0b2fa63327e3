// Defect: a worker writes also where read() has failed: SIGPIPE ends it, and none is started in its place.

#include "../base.h"
#include <sys/prctl.h>

enum { WORKERS = 40 };

static void work(int listener)
{
    static char line[1 << 18];
    for (;;) {
        int conn = accept_client(listener);
        size_t have = 0;
        ssize_t rx;
        while (have < sizeof line && (rx = read(conn, line + have, sizeof line - have)) > 0) {
            have += rx;
            if (line[have - 1] == '\n') break;
        }
        capitalise(line, have);
        for (size_t sent = 0; sent < have;) {
            ssize_t tx = write(conn, line + sent, have - sent);
            if (tx < 0) break;
            sent += tx;
        }
        close(conn);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    for (int i = 0; i < WORKERS; i++) {
        if (fork() != 0) continue;
        signal(SIGTERM, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        work(listener);
    }
    for (;;) pause();
}
