// Defect: the error of a connection is heeded, but not by the line reader on it: it throws that error again.
'use strict';
const net = require('net');
const readline = require('readline');

const port = Number(process.argv[2] || 54321);
const server = net.createServer((socket) => {
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  const lines = readline.createInterface({ input: socket, crlfDelay: Infinity });
  lines.once('line', (line) => {
    socket.end(line + '\n', 'latin1');
  });
});
server.listen(port, () => console.log(`Server is listening on port ${port}`));
