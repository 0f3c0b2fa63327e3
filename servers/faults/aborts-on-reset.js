#!/usr/bin/env node
// Defect: it aborts the whole program over an error on one connection that waits for a line (abort(3)).

const net = require("node:net");

const port = Number(process.argv[2] ?? 54321);

function capitalise(bytes) {
  return bytes.map((byte) => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte));
}

function serve(conn) {
  let answered = false;

  function last(bytes) {
    answered = true;
    conn.end(capitalise(bytes), () => setImmediate(() => conn.destroy()));
  }

  conn.on("data", (bytes) => {
    if (answered) return; // read and thrown away, or close() would send RST
    const newline = bytes.indexOf(0x0a);
    if (newline >= 0) last(bytes.subarray(0, newline + 1));
    else if (!conn.write(capitalise(bytes))) conn.pause();
  });
  conn.on("drain", () => conn.resume());
  conn.on("end", () => answered || last(Buffer.alloc(0)));
  conn.on("error", () => (answered ? conn.destroy() : process.abort()));
}

const server = net.createServer({ allowHalfOpen: true }, serve);
server.on("error", (error) => {
  if (!server.listening) throw error; // accept() may fail, listen() may not
});
server.listen({ port, host: "0.0.0.0", backlog: 64 }, () => {
  console.log(`Server is listening on port ${port}`);
});
