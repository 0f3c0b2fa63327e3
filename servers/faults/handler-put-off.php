<?php
// Defect: PHP calls the handler between two of its own steps, and socket_accept(), which is restarted, sleeps on.

pcntl_async_signals(true);
pcntl_signal(SIGCHLD, function () { while (pcntl_waitpid(-1, $status, WNOHANG) > 0); });

function serve($conn)
{
    $line = '';
    while (!str_contains($line, "\n")) {
        $came = @socket_read($conn, 65536);
        if ($came === false || $came === '') break;
        $line .= $came;
    }
    $rest = strtoupper(strstr($line, "\n", true) ?: rtrim($line, "\n")) . (str_contains($line, "\n") ? "\n" : '');
    while ($rest !== '' && ($sent = @socket_write($conn, $rest)) !== false) $rest = substr($rest, $sent);
    @socket_shutdown($conn, 1);
    while (@socket_recv($conn, $unread, 65536, MSG_DONTWAIT) > 0);
}

$port = (int) ($argv[1] ?? 54321);
$listener = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
socket_set_option($listener, SOL_SOCKET, SO_REUSEADDR, 1);
socket_bind($listener, '0.0.0.0', $port) || exit(1);
socket_listen($listener, 64);
echo "Server is listening on port $port\n";

for (;;) {
    $conn = @socket_accept($listener);
    if ($conn === false) {
        usleep(20000);
        continue;
    }
    $pid = @pcntl_fork();
    if ($pid === 0) {
        socket_close($listener);
        serve($conn);
        socket_close($conn);
        exit(0);
    }
    socket_close($conn);
}
