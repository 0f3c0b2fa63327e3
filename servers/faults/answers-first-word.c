// Defect: it reads a word by scanf(), and answers no more than that (scanf(3), %s).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            char word[4096];
            FILE *in = fdopen(dup(conn), "r");
            if (in && fscanf(in, "%4094s", word) == 1) {
                strcat(word, "\n");
                capitalise(word, strlen(word));
                write_all(conn, word, strlen(word));
            }
            if (in) fclose(in);
            discard_input(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
