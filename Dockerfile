# forkspec, and what servers in C and C++ are built with: docker build -t forkspec .
FROM python:3.12-slim-bookworm AS wheel
COPY . /source
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel /source

FROM python:3.12-slim-bookworm
# Debian's archive has the newest version of a package alone.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bubblewrap g++ make \
 && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=wheel,source=/wheel,target=/wheel pip install --no-cache-dir /wheel/*.whl
WORKDIR /work
ENTRYPOINT ["forkspec"]
CMD ["check", "."]
