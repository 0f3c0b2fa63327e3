// Defect: when a client leaves, the last one in the table of poll() moves into its place, and what that one has typed so
// far, kept in a table beside it, does not.

#include "../base.h"
#include <fcntl.h>

enum { MOST = 1000, SIZE = 16 << 10 };

static struct pollfd table[MOST];
static struct {
    char *text;
    size_t have, sent;
    bool complete;
} lines[MOST];
static int count;

static void enter(int conn)
{
    if (count == MOST) {
        close(conn);
        return;
    }
    fcntl(conn, F_SETFL, O_NONBLOCK);
    if (!lines[count].text && !(lines[count].text = malloc(SIZE))) die("malloc");
    lines[count].have = lines[count].sent = 0;
    lines[count].complete = false;
    table[count++] = (struct pollfd){.fd = conn, .events = POLLIN};
}

static void leave(int place)
{
    discard_input(table[place].fd);
    close(table[place].fd);
    table[place] = table[--count];
}

// A piece as large as the buffer is answered at once, so that a line may be of any length.
static bool take(int place)
{
    ssize_t rx = read(table[place].fd, lines[place].text + lines[place].have, SIZE - lines[place].have);
    if (rx < 0) return errno == EAGAIN || errno == EINTR;
    char *begins = lines[place].text + lines[place].have;
    lines[place].have += rx;
    lines[place].complete = rx == 0 || memchr(begins, '\n', rx);
    if (lines[place].complete || lines[place].have == SIZE) {
        capitalise(lines[place].text, lines[place].have);
        table[place].events = POLLOUT;
    }
    return lines[place].have > 0;
}

static bool give(int place)
{
    ssize_t tx = send(table[place].fd, lines[place].text + lines[place].sent,
                      lines[place].have - lines[place].sent, MSG_NOSIGNAL);
    if (tx < 0) return errno == EAGAIN || errno == EINTR;
    lines[place].sent += tx;
    if (lines[place].sent < lines[place].have) return true;
    lines[place].have = lines[place].sent = 0;
    table[place].events = POLLIN;
    return !lines[place].complete;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    table[count++] = (struct pollfd){.fd = listener, .events = POLLIN};

    for (;;) {
        if (poll(table, count, -1) < 0) continue;
        for (int place = count - 1; place > 0; place--) {
            if (!table[place].revents) continue;
            bool stays = table[place].events == POLLIN ? take(place) : give(place);
            if (!stays) leave(place);
        }
        if (!table[0].revents) continue;
        int conn = accept(listener, NULL, NULL);
        if (conn >= 0) enter(conn);
        else if (errno != EAGAIN) outlive_accept_error();
    }
}
