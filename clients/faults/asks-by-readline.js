// Defect: each piece that comes is printed as a line of its own; and readline shows what its user types.
const net = require("net");
const readline = require("readline");

const [host = "127.0.0.1", port = "54321"] = process.argv.slice(2);
const sock = net.createConnection(Number(port), host, () => {
  const ask = readline.createInterface({ input: process.stdin, output: process.stdout });
  ask.on("close", () => sock.end());
  ask.question("Enter a line: ", (line) => {
    sock.write(line + "\n");
    ask.removeAllListeners("close");
    ask.close();
  });
});
let size = 0;
sock.on("data", (piece) => {
  size += piece.length;
  console.log(piece.toString());
});
sock.on("end", () => {
  if (size === 0) {
    console.error("the server left without a reply");
    process.exitCode = 1;
  }
});
sock.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
