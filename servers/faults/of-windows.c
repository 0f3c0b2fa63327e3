/* Defect: it is written for Windows, and includes that system's headers. */
#include <winsock2.h>

int main(void)
{
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    return listener == INVALID_SOCKET;
}
