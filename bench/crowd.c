/* What forkspec's crowd is measured against: a server with a known delay, and a prober.
 *
 *     crowd serve PORT DELAY_MS            answers each line, capitalised, DELAY_MS after it came
 *     crowd probe PORT CLIENTS SILENCE_MS RATE
 *
 * Client n connects n / RATE seconds after the start, is silent, says a line at the moment that was
 * fixed beforehand, and reads to the end. The prober prints, in microseconds: the median latency from
 * the intended send, from the actual send, the 99th percentile of its own lateness, its processor time
 * for each client; then the KiB that each made it grow, and how many were answered. One epoll, one
 * timerfd, no threads; Linux only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 20000, LONGEST = 64, STALL_NS = 1000000000 };
struct client { int64_t intended, sent, answered; int fd, length; char line[LONGEST]; };
static struct client clients[MOST]; /* of the prober by number, of the server by descriptor */
static int64_t due[1 << 20];
static int whose[1 << 20];

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void wake_at(int timer, int64_t ns)
{
    struct itimerspec at = {.it_value = {ns / 1000000000, ns % 1000000000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static int add(int epoll, int fd, int number)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP, .data.u32 = number};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

static int serve(int port, int64_t delay)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1, head = 0, tail = 0;
    int epoll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 4096)) return 1;
    add(epoll, listener, listener);
    add(epoll, timer, timer);
    for (;;) {
        struct epoll_event events[64];
        int many = epoll_wait(epoll, events, 64, -1);
        for (int n = 0; n < many; n++) {
            int fd = events[n].data.u32, conn;
            if (fd == listener) {
                while ((conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
                    if (conn >= MOST || add(epoll, conn, conn)) close(conn);
            } else if (fd != timer) {
                struct client *c = &clients[fd];
                int got = read(fd, c->line, sizeof c->line);
                if (got <= 0) { close(fd); continue; }
                c->length = got;
                due[tail & 0xfffff] = now_ns() + delay;
                whose[tail++ & 0xfffff] = fd;
            }
        }
        while (head < tail && due[head & 0xfffff] <= now_ns()) {
            struct client *c = &clients[whose[head & 0xfffff]];
            for (int i = 0; i < c->length; i++) c->line[i] = toupper((unsigned char)c->line[i]);
            if (write(whose[head & 0xfffff], c->line, c->length) < 0) perror("write");
            close(whose[head++ & 0xfffff]);
        }
        if (head < tail) wake_at(timer, due[head & 0xfffff]);
        else wake_at(timer, now_ns() + 3600000000000LL);
    }
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double at_us(int64_t *values, int many, double share)
{
    int place = share * many;
    qsort(values, many, sizeof *values, by_size);
    return many ? values[place < many ? place : many - 1] / 1e3 : -1;
}

static double cpu_us(const struct rusage *used)
{
    return (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1e6 + used->ru_utime.tv_usec
        + used->ru_stime.tv_usec;
}

static int probe(int port, int many, int64_t silence, double rate)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    static int64_t values[3][MOST];
    int epoll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int came = 0, asked = 0, over = 0, answered = 0;
    int64_t start, until;
    struct rusage before, after;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    getrusage(RUSAGE_SELF, &before);
    for (int n = 0; n < many; n++) clients[n].fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    add(epoll, timer, MOST);
    start = now_ns();
    until = start + STALL_NS;
    while (over < many && now_ns() < until) {
        struct epoll_event events[32];
        int64_t now = now_ns(), next = INT64_MAX, arrival;
        while (asked < came && clients[asked].intended <= now) {
            struct client *c = &clients[asked++];
            c->sent = now_ns();
            if (write(c->fd, c->line, c->length) < 0) c->sent = 0;
        }
        while ((arrival = start + 1e9 * came / rate) <= now && came < many) {
            struct client *c = &clients[came];
            c->intended = arrival + silence;
            c->length = snprintf(c->line, sizeof c->line, "client %d of the crowd\n", came);
            if (connect(c->fd, (struct sockaddr *)&a, sizeof a) && errno != EINPROGRESS) over++;
            else add(epoll, c->fd, came);
            came++;
        }
        if (asked < came) next = clients[asked].intended;
        if (came < many && arrival < next) next = arrival;
        if (next < INT64_MAX) until = next + STALL_NS;
        wake_at(timer, next < until ? next : until);
        int found = epoll_wait(epoll, events, 32, -1);
        for (int n = 0; n < found; n++) {
            if (events[n].data.u32 == MOST) continue;
            struct client *c = &clients[events[n].data.u32];
            char answer[LONGEST];
            int got = read(c->fd, answer, sizeof answer);
            until = now_ns() + STALL_NS;
            if (got > 0) {
                if (!c->answered) c->answered = now_ns();
                if (!(events[n].events & EPOLLRDHUP) || read(c->fd, answer, sizeof answer) > 0) continue;
            }
            close(c->fd);
            over++;
        }
    }
    getrusage(RUSAGE_SELF, &after);
    for (int n = 0; n < many; n++)
        if (clients[n].answered) {
            values[0][answered] = clients[n].answered - clients[n].intended;
            values[1][answered] = clients[n].answered - clients[n].sent;
            values[2][answered++] = clients[n].sent - clients[n].intended;
        }
    printf("%.1f %.1f %.1f %.1f %.2f %d\n", at_us(values[0], answered, .5), at_us(values[1], answered, .5),
           at_us(values[2], answered, .99), (cpu_us(&after) - cpu_us(&before)) / many,
           (double)(after.ru_maxrss - before.ru_maxrss) / many, answered);
    return 0;
}

int main(int argc, char **argv)
{
    struct rlimit most;
    getrlimit(RLIMIT_NOFILE, &most);
    most.rlim_cur = most.rlim_max;
    setrlimit(RLIMIT_NOFILE, &most);
    if (argc == 4 && !strcmp(argv[1], "serve")) return serve(atoi(argv[2]), atof(argv[3]) * 1e6);
    if (argc == 6 && !strcmp(argv[1], "probe") && atoi(argv[3]) <= MOST)
        return probe(atoi(argv[2]), atoi(argv[3]), atof(argv[4]) * 1e6, atof(argv[5]));
    fprintf(stderr, "usage: crowd serve PORT DELAY_MS | probe PORT CLIENTS SILENCE_MS RATE\n");
    return 2;
}
