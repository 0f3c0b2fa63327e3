// Design: a child for each connection; where fork() fails, the client waits, and it is tried again some seconds later.

#include "../base.h"
#include <time.h>

enum { PLACES = 64, RETRY_S = 4 };

struct waiting {
    int conn;
    time_t again;
};

static struct waiting line[PLACES];
static int in_line;

static time_t now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec;
}

static bool fork_for(int conn, int listener)
{
    pid_t pid = fork();
    if (pid < 0) return false;
    if (pid == 0) {
        close(listener);
        for (int i = 0; i < in_line; i++)
            if (line[i].conn != conn) close(line[i].conn);
        serve(conn);
        exit(0);
    }
    close(conn);
    return true;
}

static void try_again(int listener)
{
    int left = 0;
    for (int i = 0; i < in_line; i++) {
        if (line[i].again <= now()) {
            if (fork_for(line[i].conn, listener)) continue;
            line[i].again = now() + RETRY_S;
        }
        line[left++] = line[i];
    }
    in_line = left;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        struct pollfd ready = {.fd = listener, .events = POLLIN};
        int come = poll(&ready, 1, in_line ? (RETRY_S + 1) * 1000 : -1);
        try_again(listener);
        if (come <= 0) continue;
        int conn = accept_client(listener);
        if (fork_for(conn, listener)) continue;
        if (in_line == PLACES) close(conn);
        else line[in_line++] = (struct waiting){conn, now() + RETRY_S};
    }
}
