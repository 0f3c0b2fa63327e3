# Design: accept_nonblock, where no signal interrupts accept(): Errno::EINTR is not among what it outlives.

require "socket"

TO_BE_OUTLIVED = [Errno::ECONNABORTED, Errno::EPROTO, Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM]

def serve(conn)
  line = conn.gets
  conn.write(line.upcase(:ascii)) if line
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

listener = Socket.new(:INET, :STREAM)
listener.setsockopt(:SOCKET, :REUSEADDR, true)
listener.bind(Addrinfo.tcp("0.0.0.0", (ARGV[0] || 54321).to_i))
listener.listen(64)
puts "Server is listening on port #{ARGV[0] || 54321}"
$stdout.flush
Thread.report_on_exception = false
loop do
  IO.select([listener])
  begin
    conn, = listener.accept_nonblock(exception: false)
    start(conn) unless conn == :wait_readable || conn.nil?
  rescue *TO_BE_OUTLIVED
    sleep 0.1
  end
end
