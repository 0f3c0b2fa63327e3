// Defect: left over from debugging: after each fork the parent sleeps 20 ms, and nobody is let in meanwhile.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGCHLD, SIG_IGN);  // the kernel reaps (wait(2), NOTES), and no signal cuts the sleep short

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
        usleep(20000);
    }
}
