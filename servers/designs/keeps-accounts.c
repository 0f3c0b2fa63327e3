// Design: a child for each connection; with the first one the parent begins a helper, which stays: it keeps the accounts,
// to which each child writes a line.

#include <fcntl.h>

#include "../base.h"

static int book[2];

static void keep_accounts(void)
{
    char lines[4096];
    for (size_t sum = 0; read(book[0], lines, sizeof lines) != 0; sum++) continue;
    _exit(0);  // who could write has gone
}

static bool begin_helper(int listener, int conn)
{
    pid_t pid = fork();
    if (pid == 0) {
        close(listener);
        close(conn);
        close(book[1]);
        keep_accounts();
    }
    return pid > 0;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    if (pipe2(book, O_NONBLOCK) < 0) die("pipe2");
    fcntl(book[0], F_SETFL, 0);
    signal(SIGPIPE, SIG_IGN);
    reap_on_sigchld();

    for (bool has_helper = false;;) {
        int conn = accept_client(listener);
        if (!has_helper) has_helper = begin_helper(listener, conn);
        if (fork() == 0) {
            close(listener);
            if (write(book[1], "one more\n", 9) < 0) errno = 0;  // without a helper nobody counts
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
