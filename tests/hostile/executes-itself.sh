#!/bin/bash
# Hostile: it executes itself, for ever.
[ "$(id -u)" -ne 0 ] && [ "$(ulimit -u)" -le 4096 ] || { echo "hostile: runs nowhere but in a cell"; exit 1; }
exec "$0" "$@"
