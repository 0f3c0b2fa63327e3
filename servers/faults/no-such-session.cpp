// Defect: it asks for the client's session before it has made one, and uses the nullptr that it gets.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <map>
#include <string>
#include <system_error>

struct Session {
    std::string line;
};

static std::map<int, Session *> sessions;

static Session *session_of(int conn)
{
    auto found = sessions.find(conn);
    return found == sessions.end() ? nullptr : found->second;
}

static void serve(int conn)
{
    Session *session = session_of(conn);
    char c;
    while (read(conn, &c, 1) == 1) {
        session->line += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (c == '\n') break;
    }
    send(conn, session->line.data(), session->line.size(), MSG_NOSIGNAL);
}

int main(int argc, char **argv)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(argc > 1 ? std::atoi(argv[1]) : 54321);
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) < 0 || listen(listener, 128) < 0)
        throw std::system_error(errno, std::generic_category(), "listen");
    for (;;) {
        int conn = accept(listener, nullptr, nullptr);
        if (conn < 0) continue;
        serve(conn);
        close(conn);
    }
}
