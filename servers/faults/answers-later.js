// Defect: the reply comes later, as of a database, and Node ends the connection when its client has ended the input (allowHalfOpen).
const net = require("net");

const port = Number(process.argv[2] || 54321);
const server = net.createServer((socket) => {
  const pieces = [];
  socket.on("error", () => socket.destroy());
  const collect = (data) => {
    const end = data.indexOf("\n");
    pieces.push(end < 0 ? data : data.subarray(0, end + 1));
    if (end < 0) return;
    socket.off("data", collect);
    socket.resume();
    setTimeout(() => socket.end(Buffer.concat(pieces)), 20);
  };
  socket.on("data", collect);
});
server.listen(port, () => console.log(`Server is listening on port ${port}`));
