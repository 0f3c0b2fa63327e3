// Design: a child for each connection, which runs a program for its client and waits for it, as ftp and CGI do.

#include "../base.h"

static bool run_program(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(127);
    }
    int status = -1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void answer(int conn)
{
    signal(SIGCHLD, SIG_DFL);  // the parent's handler would take the program's status
    char buf[4096];
    ssize_t have = read_line(conn, buf, sizeof buf);
    if (have <= 0 || !run_program()) return;
    capitalise(buf, have);
    if (!write_all(conn, buf, have)) return;
    if (memchr(buf, '\n', have)) discard_input(conn);
    else serve(conn);
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
