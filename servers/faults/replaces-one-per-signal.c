// Defect: the parent of forty workers reaps and replaces one at each SIGCHLD; of several that end at once the others stay.

#include "../base.h"

static int listener;

static void start_worker(void)
{
    if (fork() != 0) return;
    signal(SIGCHLD, SIG_DFL);
    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}

static void replace_one(int signo)
{
    (void)signo;
    if (waitpid(-1, NULL, WNOHANG) > 0) start_worker();
}

int main(int argc, char **argv)
{
    listener = listen_on(argc, argv);
    for (int i = 0; i < 40; i++) start_worker();
    handle_sigchld(replace_one, SA_RESTART);
    for (;;) pause();
}
