// Defect: SIGTERM ends the parent alone: its sixty-four workers stay, and hold the listening socket.

#include "../base.h"

enum { WORKERS = 64 };

static bool fork_worker(int listener)
{
    pid_t pid = fork();
    if (pid != 0) return pid > 0;
    for (;;) {
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGTERM, SIG_DFL);

    for (int workers = 0;;) {
        while (workers < WORKERS && fork_worker(listener)) workers++;
        if (workers < WORKERS) poll(NULL, 0, 100);  // fork() has failed, and may soon be luckier
        while (waitpid(-1, NULL, workers < WORKERS ? WNOHANG : 0) > 0) workers--;
    }
}
