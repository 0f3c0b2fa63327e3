# Defect: the log that its threads write to was never opened: NoMethodError, before the line is read.

require "socket"

$journal = nil

def answer(conn)
  $journal.write "client #{conn.remote_address.ip_port}"
  conn.write(conn.gets.upcase)
  conn.close
end

port = (ARGV[0] || 54321).to_i
listener = TCPServer.new(port)
listener.listen(64)
puts "Server is listening on port #{port}"
$stdout.flush
connections = []
loop do
  connections << listener.accept
  Thread.new(connections.last) { |conn| answer(conn) }
end
