// Defect: the lambda reads from its own copy, and closes the loop's variable, by then the connection of whoever came last.

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
    for (char &c : line) c = std::toupper(static_cast<unsigned char>(c));
    for (size_t at = 0; at < line.size();) {
        ssize_t tx = send(conn, line.data() + at, line.size() - at, MSG_NOSIGNAL);
        if (tx < 0) break;
        at += tx;
    }
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
    int conn;
    for (;;) {
        conn = accept(listener, nullptr, nullptr);
        if (conn < 0) continue;
        std::thread([&conn, mine = conn] {
            serve(mine);
            close(conn);
        }).detach();
    }
}
