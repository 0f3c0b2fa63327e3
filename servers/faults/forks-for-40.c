// Defect: it forks for its first forty clients, and serves those who come later one after the other.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (int clients = 0;; clients++) {
        int conn = accept_client(listener);
        pid_t pid = clients < 40 ? fork() : -1;
        if (pid == 0) close(listener);
        if (pid <= 0) serve(conn);
        if (pid == 0) exit(0);
        close(conn);
    }
}
