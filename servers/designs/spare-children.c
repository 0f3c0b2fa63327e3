// Design: forty children, forked beforehand, wait in accept(); each serves one client and ends. Who has accepted says so
// through a pipe, and the parent forks the next one at once.

#include "../base.h"

enum { SPARE = 40 };

static int told[2];

static void fork_worker(int listener)
{
    while (true) {
        pid_t pid = fork();
        if (pid == 0) break;
        if (pid > 0) return;
        poll(NULL, 0, 100);  // fork() has failed, and may soon be luckier
    }
    signal(SIGCHLD, SIG_DFL);
    close(told[0]);
    int conn = accept_client(listener);
    close(listener);
    if (write(told[1], "x", 1) < 0) _exit(1);
    serve(conn);
    close(conn);
    _exit(0);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    if (pipe(told) < 0) die("pipe");
    reap_on_sigchld();

    for (int i = 0; i < SPARE; i++) fork_worker(listener);
    for (char word;;)
        if (read(told[0], &word, 1) == 1) fork_worker(listener);
}
