// What the clients on trial share: sound pieces of a tcpclient2, so that the one defect is what the eye sees.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST = 8192 };

static inline int try_to_connect(int argc, char **argv)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
    if (getaddrinfo(argc > 1 ? argv[1] : "127.0.0.1", argc > 2 ? argv[2] : "54321", &hints, &found)) exit(2);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    int result = connect(sock, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (result == 0) return sock;
    close(sock);
    return -1;
}

static inline int connect_to(int argc, char **argv)
{
    int sock = try_to_connect(argc, argv);
    if (sock < 0) {
        perror("connect");
        exit(1);
    }
    return sock;
}

// The line with its newline; ends the program at the end of input, which is no error.
static inline size_t ask_user(char *line)
{
    printf("Please type a short sentence: ");
    fflush(stdout);
    if (fgets(line, LONGEST, stdin) == NULL) exit(0);
    return strlen(line);
}

static inline void send_all(int sock, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(sock, data, size, MSG_NOSIGNAL);
        if (sent < 0) {
            perror("send");
            exit(1);
        }
        data += sent;
        size -= sent;
    }
}

// Up to the newline, or to the end of what there is.
static inline size_t read_reply(int sock, char *reply)
{
    size_t have = 0;
    while (have < LONGEST && !memchr(reply, '\n', have)) {
        ssize_t got = read(sock, reply + have, LONGEST - have);
        if (got < 0) {
            perror("read");
            exit(1);
        }
        if (got == 0) break;
        have += got;
    }
    if (have == 0) {
        fprintf(stderr, "the server left without a reply\n");
        exit(1);
    }
    return have;
}

static inline void show(const char *reply, size_t size)
{
    fwrite(reply, 1, size, stdout);
    fflush(stdout);
}
