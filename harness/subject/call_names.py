"""Names of the calls that causes speak of, in all languages, by what they do."""

from typing import Final

NAMES: Final = {
    "accept": "accept accept4 Accept AcceptTCP incoming socket_accept stream_socket_accept sock_accept "
    "start_server createServer",
    "bind": "bind ServerSocket Listen ListenTCP create_server TCPServer",
    "alarm": "alarm setitimer",
    "allocation": "malloc calloc realloc strdup strndup",
    "capitals": "toupper toUpperCase ToUpper upper upcase to_uppercase to_ascii_uppercase uc strtoupper",
    "close": "close fclose shutdown Close CloseWrite destroy socket_close",
    "connect": "connect create_connection Dial DialTimeout DialTCP TCPSocket Socket createConnection "
    "stream_socket_client fsockopen socket_connect",
    "condition": "pthread_cond_wait pthread_cond_timedwait cnd_wait wait_for",
    "decode": "decode String toString from_utf8 from_utf8_lossy readLine",
    "dup2": "dup2",
    "encode": "encode getBytes",
    "exit": "exit _exit quick_exit abort Exit Fatal",
    "fork": "fork vfork pcntl_fork",
    "helper": "popen system posix_spawn posix_spawnp Popen",
    "join": "join pthread_join",
    "kill": "kill killpg",
    "limit": "settimeout setSoTimeout setTimeout alarm wait_for SetDeadline SetReadDeadline",
    "listen": "listen Listen ListenTCP create_server ServerSocket createServer",
    "lock": "pthread_mutex_lock pthread_rwlock_wrlock pthread_spin_lock mtx_lock sem_wait flock lockf "
    "lock_guard unique_lock scoped_lock acquire lock Lock synchronized synchronize",
    "mask": "sigprocmask pthread_sigmask",
    "open": "open fopen fdopen dup opendir pipe",
    "poll": "select poll ppoll pselect epoll_wait Select",
    "read": "read recv recvfrom recvmsg readv fgets getline fread fgetc getc scanf fscanf readline "
    "readuntil recv_into sock_recv readLine nextLine readUTF readObject Read ReadString ReadBytes "
    "ReadLine Scan gets sysread socket_read read_line read_until",
    "ready": "ready available",
    "setsockopt": "setsockopt",
    "shutdown": "shutdown",
    "sleep": "sleep usleep nanosleep Sleep",
    "socket": "socket",
    "stream": "fdopen",
    "strlen": "strlen",
    "thread": "pthread_create thrd_create thread jthread Thread submit execute start_new_thread spawn",
    "wait": "wait waitpid wait3 wait4 waitid",
    "watch": "epoll_ctl FD_SET FD_CLR register unregister modify",
    "write": "write send sendto sendmsg writev dprintf fputs fwrite fprintf sendall sock_sendall "
    "println writeUTF writeObject Write WriteString Fprintf Fprintln Fprint puts syswrite "
    "socket_write write_all",
}
CONSTANTS: Final = {"nonblocking": "O_NONBLOCK SOCK_NONBLOCK setblocking settimeout"}
SIGNALS: Final = ("SIGCHLD", "SIGHUP", "SIGPIPE", "SIGTERM")
