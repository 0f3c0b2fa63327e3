// Defect: what comes is decoded as Latin-1, and the reply is encoded as UTF-8: each byte from 0x80 on becomes two.
'use strict';
const net = require('net');

const port = Number(process.argv[2] || 54321);
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  let line = '';
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (text) => {
    line += text;
    if (line.includes('\n')) socket.end(line.replace(/[a-z]/g, (c) => c.toUpperCase()));
  });
  socket.on('end', () => socket.end());
});
server.listen(port, () => console.log(`Server is listening on port ${port}`));
