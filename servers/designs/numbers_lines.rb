# Design: a thread for each connection, which stays open: each line comes back with its number before it.

require "socket"

TO_BE_OUTLIVED = [Errno::ECONNABORTED, Errno::EPROTO, Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM]

def serve(conn)
  conn.each_line.with_index(1) { |line, number| conn.write("#{number}: #{line}") }
rescue SystemCallError, IOError
  nil # this connection is over, and no other
ensure
  conn.close
end

def start(conn)
  Thread.new { serve(conn) }
rescue ThreadError
  conn.close
end

listener = TCPServer.new("0.0.0.0", (ARGV[0] || 54321).to_i)
listener.listen(64)
puts "Server is listening on port #{ARGV[0] || 54321}"
$stdout.flush
Thread.report_on_exception = false
loop do
  start(listener.accept)
rescue *TO_BE_OUTLIVED
  sleep(0.05)
end
