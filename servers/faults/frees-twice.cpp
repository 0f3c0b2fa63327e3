// Defect: the buffer of a client that leaves without a word is deleted where read() returns 0, and once more at the end.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>

static bool send_all(int conn, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(conn, text, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        text += sent;
        size -= sent;
    }
    return true;
}

static void serve(int conn)
{
    constexpr size_t size = 4096;
    auto *text = new char[size];
    bool is_first = true, ended = false;
    while (!ended) {
        ssize_t came = recv(conn, text, size, 0);
        if (came < 0 && errno == EINTR) continue;
        if (came <= 0) {
            if (is_first) delete[] text;
            break;
        }
        is_first = false;
        ended = std::memchr(text, '\n', came);
        for (ssize_t i = 0; i < came; i++)
            text[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[i])));
        if (!send_all(conn, text, came)) break;
    }
    recv(conn, nullptr, 16 << 20, MSG_TRUNC | MSG_DONTWAIT);  // or close() would send RST
    close(conn);
    delete[] text;
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? std::atoi(argv[1]) : 54321;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) < 0 || listen(listener, 64) < 0) {
        std::perror("server");
        return 1;
    }
    std::printf("Server is listening on port %d\n", port);
    std::fflush(stdout);
    for (;;) {
        int conn = accept(listener, nullptr, nullptr);
        if (conn < 0) {
            usleep(100'000);
            continue;
        }
        try {
            std::thread(serve, conn).detach();
        } catch (const std::system_error &) {
            close(conn);
        }
    }
}
