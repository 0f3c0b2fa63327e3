// Defect: end() of the connection comes before the reply, which is made later, and the error of that is thrown away.
'use strict';
const net = require('net');

const port = Number(process.argv[2] || 54321);

function capitalise(line, done) {
  setImmediate(() => done(Buffer.from(line.toString('latin1').replace(/[a-z]/g, (c) => c.toUpperCase()), 'latin1')));
}

const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  let line = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (part) => {
    line = Buffer.concat([line, part]);
    if (!line.includes(10)) return;
    capitalise(line, (reply) => socket.write(reply));
    socket.end();
  });
  socket.on('end', () => socket.end());
});
server.listen(port, () => console.log(`Server is listening on port ${port}`));
