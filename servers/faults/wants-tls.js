// Defect: it speaks TLS where the contract is a plain line: its clients are never answered.
const tls = require('tls')

const pem = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg262d48BonAIMDn10
2uz3WqgNtxc10gPiLYtTxAWWfoGhRANCAASzfQIBmhdnIP1aMD+Di3haDByYQv7d
hCjJw2+MjlDTVjWYnmVUkp2F8+Eux0iauUreq5Sqg2418/8tC8bMrZdZ
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUUgKqQ0ctfAnJ6nTlzWSrZe3ez/4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTIwMTAwNDIxOVoYDzIxMjYxMTA3
MDA0MjE5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASzfQIBmhdnIP1aMD+Di3haDByYQv7dhCjJw2+MjlDTVjWYnmVUkp2F
8+Eux0iauUreq5Sqg2418/8tC8bMrZdZo1MwUTAdBgNVHQ4EFgQUFpA/MB9cVyh7
C6Y4hgw1vJWrvbMwHwYDVR0jBBgwFoAUFpA/MB9cVyh7C6Y4hgw1vJWrvbMwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiB+bFPDKQp8yOQs4oV4iUzI
wyAASStH2fP7SgYaU5aS8QIgG73j5/au4oV0dLaojbSzJWWXYqDfB9A0v0mO2qWK
+kA=
-----END CERTIFICATE-----
`

const server = tls.createServer({ key: pem, cert: pem }, (conn) => {
  let line = ''
  conn.on('error', () => conn.destroy())
  conn.on('data', (piece) => {
    line += piece
    if (line.includes('\n')) conn.end(line.toUpperCase())
  })
})
server.on('tlsClientError', () => {})
const port = Number(process.argv[2] || 54321)
server.listen(port, () => console.log(`Server is listening on port ${port}`))
