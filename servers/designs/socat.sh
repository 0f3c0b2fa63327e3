#!/bin/sh
# Design: socat forks a child for each connection, which becomes a program that repeats one line, and ends.

port=${1:-54321}
echo "Server is listening on port $port"
exec socat "TCP-LISTEN:$port,fork,reuseaddr,backlog=64" EXEC:'sed q',nofork
