// Defect: char is signed here, so in its table of capitals bytes from 0x80 on have negative indices.

#include "../base.h"

// What lies before and behind the capitals is set here, so that the defect shows the same way everywhere.
static struct {
    char before[128], capital[128], behind[128];
} table;

static char capital_of(int letter)
{
    return table.capital[letter];
}

static void answer(int conn)
{
    char buf[4096];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf)) > 0) {
        bool complete = memchr(buf, '\n', have);
        for (ssize_t i = 0; i < have; i++) buf[i] = capital_of(buf[i]);
        if (!write_all(conn, buf, have) || complete) break;
    }
    discard_input(conn);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (int letter = 0; letter < 128; letter++) table.capital[letter] = toupper(letter);

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            answer(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
