// Defect: an entry of poll()'s array is set to -1 when its client has gone, and never used again (poll(2)).

#include "../designs/talk.h"

enum { MOST = 256 };  // the listener included

static struct pollfd watched[MOST];
static struct talk *talks[MOST];
static int count;

static void welcome(int conn)
{
    struct talk *talk = count < MOST ? calloc(1, sizeof *talk) : NULL;
    if (!talk) {
        close(conn);
        return;
    }
    talks[count] = talk;
    watched[count++] = (struct pollfd){.fd = conn, .events = POLLIN};
}

static void forget(int i)
{
    close(watched[i].fd);
    free(talks[i]);
    watched[i].fd = -1;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    set_nonblocking(listener);
    watched[count++] = (struct pollfd){.fd = listener, .events = POLLIN};

    for (;;) {
        if (poll(watched, count, -1) < 0) {
            if (errno != EINTR) poll(NULL, 0, 100);  // EINVAL: more watched than RLIMIT_NOFILE now allows (poll(2))
            continue;
        }

        for (int i = 1; i < count; i++) {
            if (!watched[i].revents) continue;
            enum want want = go_on(talks[i], watched[i].fd);
            if (want == WANTS_NOTHING) forget(i);
            else watched[i].events = want == WANTS_TO_READ ? POLLIN : POLLOUT;
        }

        if (watched[0].revents) {
            int conn = accept_if_any(listener);
            if (conn >= 0) welcome(conn);
        }
    }
}
