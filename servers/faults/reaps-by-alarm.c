// Defect: it reaps by alarm(), once a minute; until then each child is a zombie.

#include "../base.h"

static void reap_and_wind_up(int signo)
{
    reap_children(signo);
    alarm(60);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGALRM, reap_and_wind_up);
    alarm(60);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            alarm(0);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
