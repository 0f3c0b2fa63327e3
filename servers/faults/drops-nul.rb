# Defect: bytes of zero are taken for the padding of clients in C, and deleted, wherever they stand.
require 'socket'

port = (ARGV[0] || 54321).to_i
listener = TCPServer.new('0.0.0.0', port)
listener.listen(64)
$stdout.puts "Server is listening on port #{port}"
$stdout.flush
Thread.report_on_exception = false

loop do
  begin
    client = listener.accept
  rescue SystemCallError => error
    warn error.message
    next
  end
  begin
    Thread.new(client) do |conn|
      line = conn.gets
      conn.write(line.b.delete("\0").upcase(:ascii)) if line
    ensure
      conn.close
    end
  rescue ThreadError
    client.close
  end
end
