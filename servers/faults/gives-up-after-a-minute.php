<?php
// Defect: accept() has a time limit of sixty seconds, and the loop ends when it runs out.

$port = (int) ($argv[1] ?? 54321);
pcntl_signal(SIGCHLD, SIG_IGN);
$options = stream_context_create(['socket' => ['backlog' => 64]]);
$flags = STREAM_SERVER_BIND | STREAM_SERVER_LISTEN;
$listener = stream_socket_server("tcp://0.0.0.0:$port", $code, $message, $flags, $options);
if (!$listener) {
    exit(1);
}
echo "Server is listening on port $port\n";

while ($client = stream_socket_accept($listener)) {
    if (pcntl_fork() !== 0) {
        fclose($client);
        continue;
    }
    fclose($listener);
    $line = fgets($client);
    if ($line !== false) {
        fwrite($client, strtoupper($line));
    }
    fclose($client);
    exit(0);
}
