// Defect: for each line the child asks a program the time, with popen(), and never calls pclose(): a zombie for each line.

#include "../base.h"

static void note_time(void)
{
    char now[64];
    signal(SIGCHLD, SIG_DFL);
    FILE *program = popen("date +%T", "r");
    if (program == NULL) return;
    if (fgets(now, sizeof now, program) != NULL) fprintf(stderr, "a line at %s", now);
    while (fgets(now, sizeof now, program) != NULL);  // to its end
}

static void answer(int conn)
{
    char buf[4096];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf)) > 0) {
        note_time();
        capitalise(buf, have);
        if (!write_all(conn, buf, have)) return;
    }
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
