#!/bin/sh
# Design: socat forks a child for each connection, which sends everything back until the client closes.

port=${1:-54321}
echo "Server is listening on port $port"
exec socat "TCP-LISTEN:$port,fork,reuseaddr,backlog=64" PIPE
