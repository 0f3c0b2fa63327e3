// Defect: it gives accept() a length where it wants a pointer to one, and forks for the -1 (accept(2), EFAULT).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        struct sockaddr_in address;
        int conn = accept(listener, (struct sockaddr *)&address, (socklen_t *)sizeof address);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
