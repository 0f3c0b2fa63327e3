// Defect: the parent keeps its children's pids in an array, and waits for all of them when it is full, and not before.

#include "../base.h"

enum { ROOM = 20 };

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pid_t children[ROOM];
    int count = 0;

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
        if (pid > 0) children[count++] = pid;
        if (count == ROOM) {
            while (count > 0) waitpid(children[--count], NULL, 0);
        }
    }
}
