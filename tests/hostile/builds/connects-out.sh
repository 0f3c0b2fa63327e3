# Hostile: it connects to a listener of the machine.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

bash -c ': < /dev/tcp/127.0.0.1/PORT' 2> /dev/null && echo "attempt: it is connected" || echo "attempt: refused"
