# Hostile: it has the compiler read a file without end.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

echo '#include "/dev/zero"' > zero.c
cc -c zero.c > /dev/null 2>&1 && echo "attempt: it is compiled" || echo "attempt: refused"
