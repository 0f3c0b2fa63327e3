#!/bin/bash
# Hostile: it starts daemons that end at once, without end, beside a sound server.
[ "$(id -u)" -ne 0 ] && [ "$(ulimit -u)" -le 4096 ] || { echo "hostile: runs nowhere but in a cell"; exit 1; }
(while :; do (setsid true &) ; done) &
exec python3 -c '
import os, signal, socket
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("", 54321))
while True:
    conn, _ = listener.accept()
    if os.fork() == 0:
        listener.close()
        line = b""
        while not line.endswith(b"\n") and (part := conn.recv(4096)):
            line += part
        conn.sendall(line.upper())
        os._exit(0)
    conn.close()
'
