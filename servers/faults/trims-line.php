<?php
// Defect: the child trims the line: with its newline go the blanks at its ends (trim()).

$port = (int) ($argv[1] ?? 54321);
$listener = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
socket_set_option($listener, SOL_SOCKET, SO_REUSEADDR, 1);
if (!socket_bind($listener, '0.0.0.0', $port) || !socket_listen($listener, 64)) exit(1);
pcntl_signal(SIGCHLD, SIG_IGN);
echo "Server is listening on port $port\n";

while (true) {
    $conn = @socket_accept($listener);
    if ($conn === false) {
        usleep(1000);
        continue;
    }
    $pid = pcntl_fork();
    if ($pid === 0) {
        socket_close($listener);
        $line = '';
        while (!str_contains($line, "\n")) {
            $came = @socket_read($conn, 65536);
            if ($came === false || $came === '') break;
            $line .= $came;
        }
        $reply = strtoupper(trim($line)) . "\n";
        while ($reply !== '' && ($sent = @socket_write($conn, $reply)) !== false) $reply = substr($reply, $sent);
        exit(0);
    }
    socket_close($conn);
}
