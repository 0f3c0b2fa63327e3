// tcpserver4.cpp - not in the lecture: a child for each connection, and it holds.
//
// It reaps every child however many exit at once, and no error met on the way costs more than one connection.

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// A line longer than this is answered in pieces.
static const size_t LONGEST_PIECE = 16 << 20;

// One signal may stand for many children, so it waits until none is left; and the interrupted code keeps its errno.
static void reap_children(int)
{
    int saved_errno = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
    errno = saved_errno;
}

// SIGTERM ends the children too, as ^C does: the leader of a process group passes it on to the others.
static void end_together(int signo)
{
    signal(signo, SIG_DFL);
    if (getpid() != getpgrp() || kill(0, signo) < 0) raise(signo);
}

static bool write_all(int conn, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(conn, data, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        data += sent;
        size -= sent;
    }
    return true;
}

static bool answer(int conn, std::string &piece)
{
    for (char &c : piece) c = toupper((unsigned char)c);
    bool sent = write_all(conn, piece.data(), piece.size());
    piece.clear();
    return sent;
}

// TCP is a stream of bytes: the line may come in many pieces, and may end by FIN instead of a newline.
static void serve(int conn)
{
    std::string line;
    for (;;) {
        char buf[4096];
        ssize_t rx = read(conn, buf, sizeof(buf));
        if (rx < 0 && errno == EINTR) continue;
        if (rx < 0) return;

        const char *newline = (const char *)memchr(buf, '\n', rx);
        line.append(buf, newline ? newline + 1 - buf : rx);
        bool ended = newline || rx == 0;
        if (ended || line.size() >= LONGEST_PIECE)
            if (!answer(conn, line)) return;
        if (ended) break;
    }

    // close() with input unread would send RST, and RST destroys a reply that is still on its way (RFC 1122, 4.2.2.13).
    shutdown(conn, SHUT_WR);
    char unread[4096];
    while (recv(conn, unread, sizeof(unread), MSG_DONTWAIT) > 0) {}
}

// Does what accept() promises, and outlives what befalls it (accept(2), "Error handling").
static int accept_client(int sock)
{
    for (;;) {
        int conn = accept(sock, NULL, NULL);
        if (conn >= 0) return conn;
        switch (errno) {
        case EMFILE: case ENFILE: case ENOBUFS: case ENOMEM:
            poll(NULL, 0, 100);  // the client is still in the queue: without a pause this loop would spin
            break;
        case EBADF: case EFAULT: case EINVAL: case ENOTSOCK: case EOPNOTSUPP:
            perror("accept");    // our own mistake, which no retry mends
            exit(1);
        }
    }
}

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 54321;

    struct sigaction action = {};
    action.sa_handler = reap_children;
    action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, NULL);
    signal(SIGTERM, end_together);

    int sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (sock < 0) { perror("socket"); exit(1); }

    // Without it a restart is refused while old connections stand in TIME_WAIT.
    int on = 1;
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));

    sockaddr_in serveraddr = {};
    serveraddr.sin_family = AF_INET;
    serveraddr.sin_port = htons(port);
    serveraddr.sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(sock, (sockaddr *)&serveraddr, sizeof(serveraddr)) < 0) { perror("bind"); exit(1); }

    if (listen(sock, SOMAXCONN) < 0) { perror("listen"); exit(1); }
    printf("Server is listening on port %d\n", port);
    fflush(stdout);  // or every child would print it again from its copy of the buffer

    for (;;) {
        int conn = accept_client(sock);
        pid_t pid = fork();
        if (pid == 0) {
            close(sock);
            serve(conn);
            close(conn);
            exit(0);
        }
        if (pid < 0) perror("fork");  // this client is turned away, the next may be luckier
        close(conn);
    }
}
