// generations.h - a master and four workers, each with an event loop; SIGHUP replaces the workers by new ones.
//
// A worker that is told to go closes its listening socket, serves whom it has, and exits. So does everybody on SIGTERM.
// A fault defines one of the names below before it includes this file.

#ifndef GENERATIONS_H
#define GENERATIONS_H

#include "talk.h"
#include <sys/epoll.h>
#include <sys/prctl.h>

#ifndef GO_ON_RELOAD
#define GO_ON_RELOAD SIGUSR1    // what old workers are told on SIGHUP
#endif
#ifndef GO_ON_SIGTERM
#define GO_ON_SIGTERM SIGUSR1   // what workers are told on SIGTERM
#endif
#ifndef LISTENER_ON_RELOAD
#define LISTENER_ON_RELOAD(listener) (listener)
#endif
#ifndef REAP
#define REAP reap_any
#endif

enum { WORKERS = 4 };

struct client {
    struct talk talk;
    int conn;
};

static volatile sig_atomic_t is_told_to_go, is_told_to_reload, is_told_to_end;
static pid_t workers[WORKERS];
static int living;

static void hear(int signo)
{
    if (signo == SIGUSR1) is_told_to_go = 1;
    if (signo == SIGHUP) is_told_to_reload = 1;
    if (signo == SIGTERM) is_told_to_end = 1;
}

static void hear_of(int signo)
{
    sigaction(signo, &(struct sigaction){.sa_handler = hear}, NULL);
}

// Whether it has the new client.
static bool welcome(int epoll, int conn)
{
    struct client *client = conn < 0 ? NULL : calloc(1, sizeof *client);
    if (!client) return false;
    client->conn = conn;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, conn, &(struct epoll_event){.events = EPOLLIN, .data.ptr = client}) == 0;
}

// Whether the client has gone.
static bool go_on_with(int epoll, struct client *client)
{
    enum want want = go_on(&client->talk, client->conn);
    if (want == WANTS_NOTHING) {
        close(client->conn);
        free(client);
        return true;
    }
    struct epoll_event event = {.events = want == WANTS_TO_READ ? EPOLLIN : EPOLLOUT, .data.ptr = client};
    epoll_ctl(epoll, EPOLL_CTL_MOD, client->conn, &event);
    return false;
}

static void work(int listener, const sigset_t *while_asleep)
{
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN});

    for (int clients = 0; !is_told_to_go || clients > 0;) {
        struct epoll_event events[64];
        int ready = epoll_pwait(epoll, events, 64, -1, while_asleep);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) clients -= go_on_with(epoll, events[i].data.ptr);
            else if (!is_told_to_go) clients += welcome(epoll, accept_if_any(listener));
        }
        if (is_told_to_go && listener >= 0) {
            close(listener);
            listener = -1;
        }
    }
    _exit(0);
}

static void start_workers(int listener, const sigset_t *while_asleep)
{
    for (int i = 0; i < WORKERS; i++) {
        if (workers[i]) continue;
        pid_t pid = fork();
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            signal(SIGTERM, SIG_DFL);
            signal(SIGHUP, SIG_IGN);
            work(listener, while_asleep);
        }
        if (pid < 0) continue;
        workers[i] = pid;
        living++;
    }
}

static void dismiss(int signo)
{
    for (int i = 0; i < WORKERS; i++) {
        if (workers[i]) kill(workers[i], signo);
        workers[i] = 0;
    }
}

static void forget(pid_t pid)
{
    living--;
    for (int i = 0; i < WORKERS; i++) if (workers[i] == pid) workers[i] = 0;
}

static inline void reap_any(void)
{
    for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;) forget(pid);
}

// Old workers are forgotten already, and so is their end.
static inline void reap_present_ones(void)
{
    for (int i = 0; i < WORKERS; i++)
        if (workers[i] && waitpid(workers[i], NULL, WNOHANG) > 0) forget(workers[i]);
}

static inline int serve_by_generations(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);

    sigset_t heard, while_asleep;
    sigemptyset(&heard);
    int signals[] = {SIGCHLD, SIGHUP, SIGTERM, SIGUSR1};
    for (int i = 0; i < 4; i++) {
        hear_of(signals[i]);
        sigaddset(&heard, signals[i]);
    }
    sigprocmask(SIG_BLOCK, &heard, &while_asleep);

    while (!is_told_to_end) {
        start_workers(listener, &while_asleep);
        sigsuspend(&while_asleep);
        REAP();
        if (is_told_to_reload) {
            is_told_to_reload = 0;
            listener = LISTENER_ON_RELOAD(listener);
            dismiss(GO_ON_RELOAD);
        }
    }
    close(listener);
    dismiss(GO_ON_SIGTERM);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {}
    return 0;
}

#endif
