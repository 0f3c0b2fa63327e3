// Defect: the thread takes the loop's variable by reference; a nap of 3 ms is to give it the time to look.

#include <cctype>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <system_error>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void answer(int conn)
{
    char line[4096];
    ssize_t have;
    while ((have = read(conn, line, sizeof line)) > 0) {
        for (ssize_t i = 0; i < have; i++) line[i] = std::toupper(static_cast<unsigned char>(line[i]));
        if (send(conn, line, have, MSG_NOSIGNAL) < have || line[have - 1] == '\n') break;
    }
    recv(conn, nullptr, 16 << 20, MSG_TRUNC | MSG_DONTWAIT);  // what is unread would end the connection by RST
    close(conn);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? std::atoi(argv[1]) : 54321, yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);

    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) < 0 || listen(listener, 64) < 0) {
        return 1;
    }
    std::cout << "Server is listening on port " << port << std::endl;

    int conn;
    for (;;) {
        conn = accept(listener, nullptr, nullptr);
        if (conn < 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            continue;
        }
        try {
            std::thread([&] { answer(conn); }).detach();
            std::this_thread::sleep_for(std::chrono::milliseconds(3));
        } catch (const std::system_error &) {
            close(conn);
        }
    }
}
