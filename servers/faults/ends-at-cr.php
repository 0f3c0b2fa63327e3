<?php
// Defect: PHP_NORMAL_READ ends a line at a CR, too: of a line that holds one, the rest is never read.

$port = (int) ($argv[1] ?? 54321);
pcntl_signal(SIGCHLD, SIG_IGN);
$listener = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
socket_set_option($listener, SOL_SOCKET, SO_REUSEADDR, 1);
socket_bind($listener, '0.0.0.0', $port) || exit(1);
socket_listen($listener, 64);
echo "Server is listening on port $port\n";

while (true) {
    $client = @socket_accept($listener);
    if ($client === false) {
        usleep(10000);
        continue;
    }
    if (@pcntl_fork() !== 0) {
        socket_close($client);
        continue;
    }
    socket_close($listener);
    $line = '';
    while (($part = @socket_read($client, 4096, PHP_NORMAL_READ)) !== false && $part !== '') {
        $line .= $part;
        if (strpbrk($part, "\r\n") !== false) {
            break;
        }
    }
    for ($reply = strtoupper($line); $reply !== ''; $reply = substr($reply, $sent)) {
        $sent = @socket_write($client, $reply);
        if (!$sent) {
            break;
        }
    }
    socket_close($client);
    exit(0);
}
