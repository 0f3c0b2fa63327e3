// base.h - the sound pieces that the faults and the designs in C are made of.
//
// The plain server is: listen_on, reap_on_sigchld, then for ever accept_client, fork, and answer in the child.

#ifndef BASE_H
#define BASE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // for sigaction, SA_RESTART and the rest under -std=c11 too (feature_test_macros(7))
#endif

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void die(const char *what)
{
    perror(what);
    exit(1);
}

static inline int port_from(int argc, char **argv)
{
    return argc > 1 ? atoi(argv[1]) : 54321;
}

// A socket bound to the port on every address; SO_REUSEADDR, so that TIME_WAIT does not refuse a restart.
static inline int bound_socket(int port)
{
    int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener < 0) die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));

    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    return listener;
}

static inline void announce(int port)
{
    printf("Server is listening on port %d\n", port);
    fflush(stdout);  // or every child would print it again from its copy of the buffer
}

// SIGTERM shall end the children too, as ^C does: the leader of a process group passes it on to the others.
static inline void end_together(int signo)
{
    signal(signo, SIG_DFL);
    if (getpid() != getpgrp() || kill(0, signo) < 0) raise(signo);
}

static inline int listen_on(int argc, char **argv)
{
    int port = port_from(argc, argv);
    int listener = bound_socket(port);
    signal(SIGTERM, end_together);
    if (listen(listener, 64) < 0) die("listen");
    announce(port);
    return listener;
}

// To be called when accept() has failed: what it reports of a client or of a shortage is outlived (accept(2)).
static inline void outlive_accept_error(void)
{
    switch (errno) {
    case EMFILE: case ENFILE: case ENOBUFS: case ENOMEM:
        poll(NULL, 0, 100);  // the client is still in the queue: without a pause the caller would spin
        break;
    case EBADF: case EFAULT: case EINVAL: case ENOTSOCK: case EOPNOTSUPP:
        die("accept");       // our own mistake, which no retry mends
    }
}

// The next client's connection.
static inline int accept_client(int listener)
{
    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn >= 0) return conn;
        outlive_accept_error();
    }
}

// Reads until it has a newline, the end of input or a full buffer; returns how much, 0 at the end, -1 on an error.
static inline ssize_t read_line(int conn, char *buf, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t rx = read(conn, buf + have, size - have);
        if (rx < 0 && errno == EINTR) continue;
        if (rx < 0) return -1;
        if (rx == 0) break;
        have += rx;
        if (memchr(buf + have - rx, '\n', rx)) break;
    }
    return have;
}

static inline bool write_all(int conn, const char *buf, size_t size)
{
    while (size > 0) {
        ssize_t tx = send(conn, buf, size, MSG_NOSIGNAL);
        if (tx < 0 && errno == EINTR) continue;
        if (tx < 0) return false;
        buf += tx;
        size -= tx;
    }
    return true;
}

static inline void capitalise(char *buf, size_t size)
{
    for (size_t i = 0; i < size; i++) buf[i] = toupper((unsigned char)buf[i]);
}

// Throws away what has arrived and nobody will read: close() would answer it with RST, and RST destroys a reply that
// is still on its way (RFC 1122, 4.2.2.13). Never waits. No shutdown() here: who forgets close() shall be found out.
static inline void discard_input(int conn)
{
    recv(conn, NULL, 16 << 20, MSG_TRUNC | MSG_DONTWAIT);  // MSG_TRUNC: thrown away, not copied (tcp(7))
}

// Answers one line, however long, in pieces of the buffer's size; and what came along behind it, as slide 10 does.
static inline void serve(int conn)
{
    char buf[4096];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf)) > 0) {
        capitalise(buf, have);
        if (!write_all(conn, buf, have)) return;
        if (memchr(buf, '\n', have)) break;
    }
    discard_input(conn);
}

// Answers line after line, until the client closes: for servers that stay open.
static inline void serve_lines(int conn)
{
    char buf[4096];
    ssize_t have;
    while ((have = read_line(conn, buf, sizeof buf)) > 0) {
        capitalise(buf, have);
        if (!write_all(conn, buf, have)) return;
    }
}

// One signal may stand for many children; and the interrupted code keeps its errno.
static inline void reap_children(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
    errno = saved_errno;
}

static inline void handle_sigchld(void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    sigaction(SIGCHLD, &action, NULL);
}

static inline void reap_on_sigchld(void)
{
    handle_sigchld(reap_children, SA_RESTART | SA_NOCLDSTOP);
}

#endif
