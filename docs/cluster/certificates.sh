#!/bin/sh
# Writes a key, its certificate and the settings with which Dask uses them for everything it says.
# usage: certificates.sh FOLDER [PLACE]     PLACE: where the folder will lie when it is used
set -eu
folder=$1
place=${2:-$(mkdir -p "$1" && cd "$1" && pwd)}
umask 077
mkdir -p "$folder"
openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj /CN=forkspec \
    -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
cat >"$folder/forkspec.yaml" <<END
distributed:
  scheduler:
    allowed-failures: 1 # who ends two workers is set aside
  comm:
    require-encryption: true
    default-scheme: tls
    tls:
      ca-file: $place/cert.pem
      scheduler: {key: $place/key.pem, cert: $place/cert.pem}
      worker: {key: $place/key.pem, cert: $place/cert.pem}
      client: {key: $place/key.pem, cert: $place/cert.pem}
END
