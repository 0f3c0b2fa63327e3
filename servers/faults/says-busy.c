// Defect: it serves one client at a time; whoever comes meanwhile is told so, and sent away.

#include "../base.h"

static volatile sig_atomic_t serving;  // the pid of the one child that serves; 0 when nobody is served

static void reap(int signo)
{
    int saved_errno = errno;
    (void)signo;
    for (;;) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid == serving) serving = 0;
        if (pid == 0 || (pid < 0 && errno != EINTR)) break;
    }
    errno = saved_errno;
}

static void refuse(int conn)
{
    const char *sorry = "SORRY, BUSY\n";
    char line[4096];
    if (read_line(conn, line, sizeof line) > 0) write_all(conn, sorry, strlen(sorry));
    discard_input(conn);
}

int main(int argc, char **argv)
{
    sigset_t sigchld;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        sigprocmask(SIG_BLOCK, &sigchld, NULL);  // a child may be over before its pid is known
        bool is_busy = serving;
        pid_t child = fork();
        if (child > 0 && !is_busy) serving = child;
        sigprocmask(SIG_UNBLOCK, &sigchld, NULL);
        if (child == 0) {
            close(listener);
            if (is_busy) refuse(conn);
            else serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
