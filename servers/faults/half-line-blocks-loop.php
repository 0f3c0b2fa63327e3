<?php
// Defect: once a client is readable, fgets() waits for the rest of its line, in poll(); half a line stops everybody.

error_reporting(E_ALL & ~E_WARNING);
$port = (int) ($argv[1] ?? 54321);
$context = stream_context_create(['socket' => ['backlog' => 64]]);
$flags = STREAM_SERVER_BIND | STREAM_SERVER_LISTEN;
$listener = stream_socket_server("tcp://0.0.0.0:$port", $errno, $error, $flags, $context) or exit("$error\n");
echo "Server is listening on port $port\n";

$clients = [];
while (true) {
    $ready = [$listener, ...array_values($clients)];
    $writable = $broken = null;
    if (!stream_select($ready, $writable, $broken, null)) {
        continue;
    }
    foreach ($ready as $one) {
        if ($one !== $listener) {
            $line = fgets($one);
            if ($line !== false) {
                fwrite($one, $line);
            }
            unset($clients[(int) $one]);
            fclose($one);
        } elseif ($conn = stream_socket_accept($listener, 0)) {
            stream_set_timeout($conn, 3600);
            $clients[(int) $conn] = $conn;
        } else {
            usleep(50000);
        }
    }
}
