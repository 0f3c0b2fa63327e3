// Defect: the parent itself asks who its new client is (a look-up of its name takes 30 ms) before it forks.

#include "../base.h"

static void look_up(void)
{
    usleep(30000);  // what getnameinfo(3) takes where a name server is far away
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGCHLD, SIG_IGN);  // the kernel reaps (wait(2), NOTES)

    for (;;) {
        int conn = accept_client(listener);
        look_up();
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
