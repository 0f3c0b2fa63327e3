// Defect: the child that serves starts a program first and never waits for it: a zombie as long as its client stays.

#include "../base.h"

static void start_program(void)
{
    signal(SIGCHLD, SIG_DFL);
    if (fork() != 0) return;
    execl("/bin/true", "true", (char *)NULL);
    _exit(127);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            start_program();
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
