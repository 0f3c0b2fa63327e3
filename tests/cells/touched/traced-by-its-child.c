// Sound, and lets no debugger near: a child of its traces it, and hands it each signal but SIGSTOP.

#include "base.h"
#include <sys/prctl.h>
#include <sys/ptrace.h>

static void trace(pid_t server)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (ptrace(PTRACE_SEIZE, server, 0, 0) < 0) die("ptrace");
    kill(server, SIGUSR1);
    for (int status; waitpid(server, &status, __WALL) > 0 && WIFSTOPPED(status);) {
        int number = WSTOPSIG(status);
        ptrace(PTRACE_CONT, server, 0, number == SIGSTOP || number == SIGTRAP ? 0 : number);
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    sigset_t told;
    sigemptyset(&told);
    sigaddset(&told, SIGUSR1);
    sigprocmask(SIG_BLOCK, &told, NULL);
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    if (fork() == 0) trace(getppid());
    sigwait(&told, &(int){0});

    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            signal(SIGCHLD, SIG_DFL);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
