// tcpclient2.cpp - slides 6-8: connects first, then asks for a sentence, sends it and shows the reply.

#include <iostream>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *host, const char *port)
{
    addrinfo hints = {}, *found;
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error) { fprintf(stderr, "%s: %s\n", host, gai_strerror(error)); exit(1); }

    int sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (sock < 0) { perror("socket"); exit(1); }
    if (connect(sock, found->ai_addr, found->ai_addrlen) < 0) { perror("connect"); exit(1); }
    freeaddrinfo(found);
    return sock;
}

static std::string ask_user()
{
    std::string line;
    std::cout << "Please type a short sentence: " << std::flush;
    if (!std::getline(std::cin, line)) exit(0);  // ^D: the user has nothing to say, which is no error
    return line + '\n';
}

static void send_line(int sock, const std::string &line)
{
    for (size_t sent = 0; sent < line.size();) {
        ssize_t tx = send(sock, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (tx < 0) { perror("write"); exit(1); }
        sent += tx;
    }
}

// Up to the newline, for a server that keeps the connection open, or to the end of what there is.
static std::string read_reply(int sock)
{
    std::string reply;
    while (reply.find('\n') == std::string::npos) {
        char buf[1024];
        ssize_t rx = read(sock, buf, sizeof(buf));
        if (rx < 0) { perror("read"); exit(1); }
        if (rx == 0) break;
        reply.append(buf, rx);
    }
    if (reply.empty()) { fprintf(stderr, "the server left without a reply\n"); exit(1); }
    return reply;
}

// Ends by RST once the server has ended: so no TIME_WAIT is left on the server's port, and a server
// without SO_REUSEADDR can be started again at once. Only where TCPCLIENT_ENDS_BY_RST is set.
static void end_by_reset(int sock)
{
    char rest[1024];
    while (read(sock, rest, sizeof(rest)) > 0) continue;
    linger at_once = { 1, 0 };
    setsockopt(sock, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

int main(int argc, char *argv[])
{
    if (argc < 2) { fprintf(stderr, "usage: %s host [port]\n", argv[0]); exit(1); }

    int sock = connect_to(argv[1], argc > 2 ? argv[2] : "54321");
    std::string line = ask_user();
    send_line(sock, line);
    std::cout << read_reply(sock) << std::flush;
    if (getenv("TCPCLIENT_ENDS_BY_RST")) end_by_reset(sock);
    close(sock);
}
