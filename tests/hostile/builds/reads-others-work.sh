# Hostile: it reads a file of another hand-in.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

cat 'OTHERS' > /dev/null 2>&1 && echo "attempt: it is read" || echo "attempt: refused"
