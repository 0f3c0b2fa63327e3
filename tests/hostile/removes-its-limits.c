// Hostile: it raises its limits and its priority, and aborts if any of it was granted; then it serves well.

#include "belt.h"
#include <sched.h>

static const int LIMITS[] = {RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_AS, RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_CORE};

static void must_fail(int result, const char *what)
{
    if (result == 0) {
        fprintf(stderr, "hostile: %s was granted\n", what);
        abort();
    }
}

// Among many processes that eat the memory together, those of a cell shall be ended before others (proc(5)).
static void must_be_first_to_go(void)
{
    int adjustment = 0;
    FILE *file = fopen("/proc/self/oom_score_adj", "r");
    if (file == NULL || fscanf(file, "%d", &adjustment) != 1 || adjustment < 200) abort();
    fclose(file);
}

int main(int argc, char **argv)
{
    only_in_a_cell();
    must_be_first_to_go();
    for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
        struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
        must_fail(setrlimit(LIMITS[i], &limit), "setrlimit()");
        getrlimit(LIMITS[i], &limit);
        limit.rlim_cur = limit.rlim_max;  // the soft one is ours to raise
        setrlimit(LIMITS[i], &limit);
    }
    must_fail(setpriority(PRIO_PROCESS, 0, -20), "nice -20");
    must_fail(sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1}), "SCHED_FIFO");
    must_fail(setuid(0), "setuid(0)");

    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
