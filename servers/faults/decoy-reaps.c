// Defect: a child of it forks and reaps for show; it itself never waits for those that serve, and they stay zombies.

#include "../base.h"

static void reap_for_show(void)
{
    for (;;) {
        pid_t pid = fork();
        if (pid == 0) {
            pause();
            _exit(0);
        }
        waitpid(pid, NULL, 0);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    if (fork() == 0) {
        close(listener);
        reap_for_show();
    }

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
}
