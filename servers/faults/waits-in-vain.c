// Defect: it ignores SIGCHLD, and frees a place of its table when waitpid() returns the child: there is none any more.

#include "../base.h"

enum { PLACES = 80 };

static pid_t table[PLACES];

static int free_place(void)
{
    int place = -1;
    for (int i = 0; i < PLACES; i++) {
        if (table[i] > 0) {
            pid_t pid = waitpid(table[i], NULL, WNOHANG);
            if (pid > 0)
                table[i] = 0;
            else if (pid < 0)
                perror("waitpid");
        }
        if (table[i] == 0)
            place = i;
    }
    return place;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    signal(SIGCHLD, SIG_IGN);

    for (;;) {
        int conn = accept_client(listener);
        int place = free_place();
        if (place < 0) {
            close(conn);
            continue;
        }
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        if (pid > 0)
            table[place] = pid;
        close(conn);
    }
}
