// Defect: a handler for SIGPIPE ends the program: one client that has gone ends the service for all.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void give_up(int)
{
    _exit(1);
}

static void answer(int conn)
{
    std::string line;
    char piece[1024];
    ssize_t size;
    while (line.find('\n') == std::string::npos && (size = read(conn, piece, sizeof piece)) > 0) {
        line.append(piece, size);
    }
    for (size_t sent = 0; sent < line.size();) {
        ssize_t done = write(conn, line.data() + sent, line.size() - sent);
        if (done <= 0) break;
        sent += done;
    }
    close(conn);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? std::atoi(argv[1]) : 54321, on = 1;
    signal(SIGPIPE, give_up);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (bind(sock, (sockaddr *)&address, sizeof address) < 0 || listen(sock, 64) < 0) return 1;
    std::printf("Server is listening on port %d\n", port);
    std::fflush(stdout);
    for (;;) {
        int conn = accept(sock, nullptr, nullptr);
        if (conn < 0) {
            usleep(50000);
            continue;
        }
        try {
            std::thread(answer, conn).detach();
        } catch (const std::exception &) {
            close(conn);
        }
    }
}
