# Defect: a thread reads without waiting for the client to speak, and read_nonblock() raises an error then.
require 'socket'

port = (ARGV[0] || 54321).to_i
listener = TCPServer.new('0.0.0.0', port)
listener.listen(64)
$stdout.puts "Server is listening on port #{port}"
$stdout.flush

loop do
  client = listener.accept
  Thread.new(client) do |conn|
    line = conn.read_nonblock(4096)
    conn.write(line.upcase)
  ensure
    conn.close
  end
end
