#!/bin/bash
# Judge /grade/student. What is handed in runs under a uid of its own: it reads neither the assignment nor the
# question's tests, and writes no result.
mkdir -p /grade/results
for folder in /forkspec /grade/results /grade/tests /grade/serverFilesCourse /grade/data; do
    test ! -d "$folder" || chmod 700 "$folder"
done
export FORKSPEC_CACHE=/var/cache/forkspec
/opt/forkspec/bin/forkspec autograde /grade/student --assignment /forkspec/assignment.toml \
    --format prairielearn --within @WITHIN@ --out /grade/results/results.json
status=$?
test -s /grade/results/results.json || exit "$status"
