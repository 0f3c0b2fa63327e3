# Hostile: it writes files of 60 MB without end.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

n=0
while head -c 60m /dev/zero > "much-$n"; do n=$((n + 1)); done
echo "attempt: $n files of 60 MB are written"
