# Hostile: it starts processes that each start two, without end.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

f() { f | f & }
(f) 2> /dev/null
sleep 3
echo "attempt: it multiplies"
