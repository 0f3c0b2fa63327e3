// Defect: the table has an entry for the first client alone; for the next one an error that nobody catches ends the server.
'use strict';
const net = require('net');

const port = Number(process.argv[2] || 54321);
const visits = [{ lines: 0 }];
let visitors = 0;

const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  const visit = visits[visitors++];
  let line = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    line = Buffer.concat([line, chunk]);
    if (!line.includes('\n')) return;
    visit.lines += 1;
    socket.end(line.toString('latin1').replace(/[a-z]/g, (c) => c.toUpperCase()), 'latin1');
  });
  socket.on('end', () => socket.end());
});
server.listen(port, () => console.log(`Server is listening on port ${port}`));
