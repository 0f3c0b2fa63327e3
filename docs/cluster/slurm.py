"""Grades a class on the workers of a Slurm cluster: python slurm.py JOBS forkspec-grade's-words...

The scheduler lives here, on the machine where this is started, and ends with it; so do the jobs.
"""

import subprocess
import sys

from dask_jobqueue import SLURMCluster

if __name__ == "__main__":
    jobs, *words = sys.argv[1:]
    with SLURMCluster(
        cores=1,  # a worker a job, a hand-in at a time
        processes=1,
        memory="2GB",
        walltime="04:00:00",
        protocol="tls://",
        scheduler_options={"dashboard": False},
    ) as cluster:
        cluster.scale(jobs=int(jobs))
        command = ["forkspec", "grade", *words, "--cluster", cluster.scheduler_address]
        sys.exit(subprocess.run(command, check=False).returncode)
