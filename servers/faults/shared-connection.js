// Defect: one variable holds the connection for all: each reply goes to whoever came last, and that one is closed.
'use strict';
const net = require('net');

const port = Number(process.argv[2] || 54321);
let current;

const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  let line = Buffer.alloc(0);
  current = socket;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    line = Buffer.concat([line, chunk]);
    if (line.includes('\n') && !current.writableEnded) {
      current.end(line.toString('latin1').replace(/[a-z]/g, (c) => c.toUpperCase()), 'latin1');
    }
  });
  socket.on('end', () => socket.end());
});
server.listen(port, () => console.log(`Server is listening on port ${port}`));
