# Hostile: it leaves a process in a session of its own behind.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

setsid sh -c 'sleep 300 & sleep 300' hostile-daemon > /dev/null 2>&1 < /dev/null &
sleep 0.2
echo "attempt: a daemon is started"
