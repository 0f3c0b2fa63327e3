// Sound, under `at_half_close = true`: it reads until the client has closed its side, then it answers.

#include "../base.h"

static void serve_all(int conn)
{
    size_t have = 0, room = 4096;
    char *said = malloc(room);
    ssize_t rx = 0;
    while (said != NULL && (rx = read(conn, said + have, room - have)) > 0) {
        have += rx;
        if (have < room) continue;
        char *more = realloc(said, room *= 2);
        if (more == NULL) free(said);
        said = more;
    }
    if (said == NULL || rx < 0) {
        discard_input(conn);
    } else {
        capitalise(said, have);
        write_all(conn, said, have);
    }
    free(said);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve_all(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
