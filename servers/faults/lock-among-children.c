// Defect: a child locks the log for as long as it serves: the next client's child waits for the lock (lockf(3)).

#include "../base.h"

int main(int argc, char **argv)
{
    FILE *log = tmpfile();
    if (!log) die("tmpfile");
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            if (lockf(fileno(log), F_LOCK, 0) < 0) die("lockf");
            dprintf(fileno(log), "a client\n");
            serve(conn);
            close(conn);
            _exit(0);  // which gives the lock back
        }
        close(conn);
    }
}
