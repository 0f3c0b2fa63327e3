// Defect: the child writes its reply into a stream and ends by _exit(), which does not flush it (stdio(3), _exit(2)).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            FILE *in = fdopen(conn, "r"), *out = fdopen(dup(conn), "w");
            char line[4096];
            if (in && out && fgets(line, sizeof line, in)) {
                capitalise(line, strlen(line));
                fputs(line, out);
            }
            _exit(0);
        }
        close(conn);
    }
}
