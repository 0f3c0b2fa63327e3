# Defect: a child whose client has left raises an error, and goes on in its parent's loop, with the listener closed.

require 'socket'

listener = TCPServer.new(Integer(ARGV[0] || 54_321))
listener.listen(64)
Signal.trap('CLD', 'IGNORE')
$stdout.sync = true
puts "Server is listening on port #{listener.addr[1]}"

loop do
  conn = listener.accept
  if fork.nil?
    IO.for_fd(listener.fileno).close # as close(2) does
    line = conn.gets("\n") or raise EOFError, 'the client has left'
    conn.write(line)
    conn.close
    exit!(0)
  end
  conn.close
rescue StandardError => e
  warn e.message
end
