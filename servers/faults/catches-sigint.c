// Defect: the handler of SIGINT sets a flag, and accept(), which is restarted, goes on waiting for the next client.

#include "../base.h"

static volatile sig_atomic_t stopped;

static void stop(int signo)
{
    (void)signo;
    stopped = 1;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    signal(SIGINT, stop);  // with SA_RESTART (signal(2), NOTES)

    while (!stopped) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            signal(SIGINT, SIG_DFL);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
