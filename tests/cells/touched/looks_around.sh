#!/bin/sh
# Prints what a script can read in /proc about itself, its parent and process 1: one fact a line, "name: value".

# No more of a line than this: all that is printed is kept up to 64 KiB.
line() {
    printf '%s: %s\n' "$1" "$(tr '\000\n' ' |' <"$2" 2>/dev/null | head -c 3000)"
}

parent=$PPID
for who in self parent first; do
    case $who in self) at=$$ ;; parent) at=$parent ;; first) at=1 ;; esac
    for name in cmdline comm cgroup cpuset oom_adj oom_score oom_score_adj coredump_filter uid_map gid_map setgroups \
        projid_map personality loginuid sessionid attr/current autogroup timerslack_ns sched mountinfo environ limits \
        wchan timens_offsets io schedstat stack syscall; do
        [ -e "/proc/$at/$name" ] && line "$who $name" "/proc/$at/$name"
    done
    awk -v who="$who" -F: '{ gsub(/[ \t]+/, " ", $2); print who " status " $1 ": " $2 }' "/proc/$at/status"
    awk -v who="$who" '{ sub(/.*\) /, ""); for (i = 1; i <= NF; i++) print who " stat " i + 2 ": " $i }' "/proc/$at/stat"
    for name in cgroup ipc mnt net pid pid_for_children time time_for_children user uts; do
        printf '%s namespace %s: %s\n' "$who" "$name" "$(readlink /proc/$at/ns/$name 2>/dev/null || echo '(cannot be read)')"
    done
    for name in exe cwd root; do
        printf '%s %s: %s\n' "$who" "$name" "$(readlink /proc/$at/$name 2>/dev/null || echo '(cannot be read)')"
    done
    printf '%s descriptors: %s\n' "$who" "$(ls "/proc/$at/fd" 2>/dev/null | tr '\n' ' ')"
    printf '%s owner: %s\n' "$who" "$(stat -c '%u:%g %a' /proc/$at)"
    printf '%s age: %s\n' "$who" "$(awk -v up="$(cut -d' ' -f1 /proc/uptime)" -v hz="$(getconf CLK_TCK)" \
        '{ sub(/.*\) /, ""); age = up - $20 / hz; print (age < 5) ? "seconds" : (age < 300) ? "minutes" : "long" }' /proc/$at/stat)"
done
printf 'up: %s\n' "$(awk '{ print ($1 > 600) ? "long" : "just started" }' /proc/uptime)"
printf 'processes: %s\n' "$(ls -d /proc/[0-9]* | wc -l)"
printf 'loadavg: %s\n' "$(cut -d' ' -f4,5 /proc/loadavg)"
for name in hostname domainname ns_last_pid random/boot_id pid_max overflowuid cap_last_cap yama/ptrace_scope; do
    [ -e "/proc/sys/kernel/$name" ] && line "kernel $name" "/proc/sys/kernel/$name"
done
line "net dev" /proc/net/dev
line "net route" /proc/net/route
line "net tcp" /proc/net/tcp
line "net unix" /proc/net/unix
line "ipc shm" /proc/sysvipc/shm
line "keys" /proc/keys
line "mounts" /proc/self/mounts
line "swaps" /proc/swaps
printf 'umask: %s\n' "$(umask)"
printf 'tty: %s\n' "$(tty)"
printf 'id: %s\n' "$(id)"
printf 'shell level: %s\n' "${SHLVL:-none}"
printf 'logged in: %s\n' "$(who 2>&1 | wc -l)"
env | sed 's/=/: /; s/^/variable /'
for place in / /etc /dev /home /tmp /var /run /usr /opt /sys "$HOME" .; do
    printf 'folder %s: %s\n' "$place" "$(ls -la --time-style=+%s "$place" 2>&1 |
        awk 'NR > 1 { print $1, $3, $4, $7 }' | tr '\n' '|' | head -c 2000)"
done
