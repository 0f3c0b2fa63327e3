// Defect: the rest of a reply is kept for when the socket takes more; but epoll is never asked to tell of that (EPOLLOUT).

#include "../base.h"
#include <fcntl.h>
#include <sys/epoll.h>

enum { MOST = 1 << 20 };

struct talk {
    int conn;
    size_t have, sent;
    bool is_whole;
    char line[MOST];
};

static void let_in(int epoll, int listener)
{
    int conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (conn < 0) {
        outlive_accept_error();
        return;
    }
    struct talk *talk = calloc(1, sizeof *talk);
    talk->conn = conn;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = talk};
    epoll_ctl(epoll, EPOLL_CTL_ADD, conn, &event);
}

static bool is_over(struct talk *talk)
{
    if (!talk->is_whole) {
        ssize_t n = read(talk->conn, talk->line + talk->have, MOST - talk->have);
        if (n < 0) return errno != EAGAIN && errno != EINTR;
        char *end = memchr(talk->line + talk->have, '\n', n);
        talk->have = end ? (size_t)(end - talk->line + 1) : talk->have + n;
        talk->is_whole = end || n == 0 || talk->have == MOST;
        if (talk->is_whole) capitalise(talk->line, talk->have);
    }
    while (talk->is_whole && talk->sent < talk->have) {
        ssize_t n = send(talk->conn, talk->line + talk->sent, talk->have - talk->sent, MSG_NOSIGNAL);
        if (n < 0) return errno != EAGAIN;
        talk->sent += n;
    }
    return talk->is_whole;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);

    for (;;) {
        if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
        struct talk *talk = event.data.ptr;
        if (talk == NULL) {
            let_in(epoll, listener);
        } else if (is_over(talk)) {
            close(talk->conn);
            free(talk);
        }
    }
}
