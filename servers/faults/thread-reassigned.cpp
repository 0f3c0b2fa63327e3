// Defect: one std::thread for all clients: the next one is assigned to it while it still stands for the one before.

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iostream>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

static void serve(int conn)
{
    std::string line;
    char came[4096];
    ssize_t rx;
    while (line.find('\n') == std::string::npos && (rx = read(conn, came, sizeof came)) > 0) line.append(came, rx);
    std::transform(line.begin(), line.end(), line.begin(), [](unsigned char c) { return std::toupper(c); });
    send(conn, line.data(), line.size(), MSG_NOSIGNAL);
    close(conn);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? std::atoi(argv[1]) : 54321, on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) < 0 || listen(listener, 64) < 0) return 1;
    std::cout << "Server is listening on port " << port << std::endl;
    std::thread client;
    for (;;) {
        int conn = accept(listener, nullptr, nullptr);
        if (conn < 0) continue;
        client = std::thread(serve, conn);
    }
}
