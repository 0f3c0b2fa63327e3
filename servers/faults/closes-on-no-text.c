// Defect: it capitalises wide characters (towupper(3)), and a line that is no UTF-8 is not answered.

#include "../base.h"
#include <locale.h>
#include <wctype.h>
#include <wchar.h>

// Returns how many bytes the capitals have, or -1 where the line is no text. A NUL is a character like any other.
static ssize_t capitalise_text(const char *line, size_t size, char *capitals)
{
    mbstate_t from = {0}, to = {0};
    ssize_t have = 0;
    while (size > 0) {
        wchar_t character;
        size_t taken = mbrtowc(&character, line, size, &from);
        if (taken == (size_t)-1 || taken == (size_t)-2) return -1;
        if (taken == 0) taken = 1;
        have += wcrtomb(capitals + have, towupper(character), &to);
        line += taken;
        size -= taken;
    }
    return have;
}

static void answer(int conn)
{
    static char line[128 << 10], capitals[512 << 10];
    ssize_t size = read_line(conn, line, sizeof line);
    if (size <= 0) return;
    ssize_t have = capitalise_text(line, size, capitals);
    if (have > 0) write_all(conn, capitals, have);
    discard_input(conn);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

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
