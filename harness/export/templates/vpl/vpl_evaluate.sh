#!/bin/bash
# VPL starts this beside what was handed in; then it runs vpl_execution, and reads what that prints.
cat > vpl_execution <<'END'
#!/bin/bash
names=(vpl_execution forkspec-assignment.toml forkspec-result.txt)
for each in vpl_*.sh .vpl_* common_script.sh vpl_evaluate.cases; do
    names+=("$each")
done
FORKSPEC_ASSIGNMENT=$PWD/forkspec-assignment.toml bash /opt/forkspec/judge.sh forkspec-result.txt "${names[@]}" 2>&1
cat forkspec-result.txt
END
chmod +x vpl_execution
