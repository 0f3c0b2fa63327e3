// Defect: the pool is forked when the first client is there; each process keeps a copy of its connection.

#include "../base.h"

enum { WORKERS = 48 };

static int channel[2];

static void pass_on(int conn)
{
    char byte = 'c', room[CMSG_SPACE(sizeof conn)] = {0};
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof conn);
    memcpy(CMSG_DATA(head), &conn, sizeof conn);
    while (sendmsg(channel[0], &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {}
}

static int next_connection(void)
{
    char byte, room[CMSG_SPACE(sizeof(int))];
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    ssize_t size;
    do size = recvmsg(channel[1], &message, 0);
    while (size < 0 && errno == EINTR);
    if (size == 0) _exit(0);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (size < 0 || head == NULL) return -1;
    int conn;
    memcpy(&conn, CMSG_DATA(head), sizeof conn);
    return conn;
}

static void start_workers(int listener)
{
    for (int i = 0; i < WORKERS; i++) {
        if (fork() != 0) continue;
        close(listener);
        close(channel[0]);
        for (;;) {
            int next = next_connection();
            if (next < 0) continue;
            serve(next);
            close(next);
        }
    }
    close(channel[1]);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) < 0) die("socketpair");

    for (bool started = false;; started = true) {
        int conn = accept_client(listener);
        if (!started) start_workers(listener);
        pass_on(conn);
        close(conn);
    }
}
