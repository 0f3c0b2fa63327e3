// Forks for its clients in its first five seconds, and serves those who come later one after the other.

#include "base.h"
#include <time.h>

int main(int argc, char **argv)
{
    time_t since = time(NULL);
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = time(NULL) - since < 5 ? fork() : -1;
        if (pid == 0) close(listener);
        if (pid <= 0) serve(conn);
        if (pid == 0) exit(0);
        close(conn);
    }
}
